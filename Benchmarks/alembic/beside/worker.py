"""The real Alembic, kept running inside an environment: one JSON request a line, one answer a line.

A walk answers once for every revision and waits for a line each time. Started by subjects.py with the environment's own interpreter; imports nothing of this package. What
Alembic or a revision prints goes to the standard error.
"""
import io
import json
import os
import sys
import traceback


def main():
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    ini, section = sys.argv[1:3]
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    def config(request, buffer=None):
        made = Config(ini, ini_section=section, stdout=sys.stderr, output_buffer=buffer)
        if "url" in request:
            made.set_main_option("sqlalchemy.url", request["url"].replace("%", "%%"))
            if request["export"]:
                os.environ["DATABASE_URL"] = request["url"]
        return made

    def order(request):
        script = ScriptDirectory.from_config(config(request))
        steps = script._upgrade_revs("heads", ())
        return [{"revision": step.revision.revision, "path": step.revision.path,
                 "down": list(step.revision._versioned_down_revisions),
                 "depends": list(step.revision._resolved_dependencies)} for step in steps]

    def sql(request):
        buffer = io.StringIO()
        command.upgrade(config(request, buffer), request["to"], sql=True)
        return buffer.getvalue()

    def walk(request):
        """One run of env.py over many revisions, held after each so that the caller can look.

        What Alembic remembers inside a run (the enum types that it made) is so kept as in the command.
        """
        made = config(request)
        script = ScriptDirectory.from_config(made)

        def steps(current, context):
            plan = script._upgrade_revs if request["verb"] == "upgrade" else script._downgrade_revs
            done = None
            for step in plan(request["to"], current):
                hold(done)
                done = step.revision.revision
                yield step
            hold(done)

        def hold(revision):
            if revision is not None:
                print(json.dumps({"step": revision}), file=answers)
                sys.stdin.readline()

        original = MigrationContext.__init__

        def each_revision_commits(context, *arguments, **options):
            original(context, *arguments, **options)
            context._transaction_per_migration = True

        MigrationContext.__init__ = each_revision_commits
        try:
            with EnvironmentContext(made, script, fn=steps, destination_rev=request["to"]):
                script.run_env()
        finally:
            MigrationContext.__init__ = original

    actions = {
        "order": order,
        "walk": walk,
        "upgrade": lambda request: command.upgrade(config(request), request["to"]),
        "downgrade": lambda request: command.downgrade(config(request), request["to"]),
        "stamp": lambda request: command.stamp(config(request), request["to"]),
        "sql": sql,
    }
    for line in iter(sys.stdin.readline, ""):
        request = json.loads(line)
        try:
            answer = {"ok": True, "result": actions[request["do"]](request)}
        except BaseException as error:  # SystemExit too: a revision may end the program
            answer = {"ok": False, "error": "".join(traceback.format_exception_only(error)).strip(),
                      "trace": traceback.format_exc()}
        print(json.dumps(answer), file=answers)


main()
