/// What a container runs to connect to a server and to carry bytes by its standard input and output.
enum RelayProgram {
  /// Takes the first of socat, netcat, Python and bash that is there. Each ends when the server closes,
  /// and closes its side when standard input ends (OpenBSD's netcat if it is told to).
  private static let script = """
    case "$1" in *:*) name="[$1]";; *) name=$1;; esac
    if command -v socat >/dev/null; then exec socat -t 60 - "TCP:$name:$2"; fi
    if command -v nc >/dev/null; then
    case "$(nc -h 2>&1)" in *OpenBSD*) exec nc -N "$1" "$2";; *) exec nc "$1" "$2";; esac; fi
    for python in python3 python; do
    if command -v "$python" >/dev/null; then exec "$python" -c "$3" "$1" "$2"; fi; done
    if command -v bash >/dev/null; then exec bash -c "$4" bash "$1" "$2"; fi
    echo "there is none of socat, nc, python3 and bash" >&2; exit 127
    """

  private static let python = """
    import os, socket, sys, threading
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
    def up():
        while True:
            b = os.read(0, 65536)
            if not b: break
            s.sendall(b)
        s.shutdown(socket.SHUT_WR)
    threading.Thread(target=up, daemon=True).start()
    while True:
        b = s.recv(65536)
        if not b: break
        while b: b = b[os.write(1, b):]
    sys.stdout.flush(); os._exit(0)
    """

  /// bash cannot close one direction: it closes both, once the last answer has had time to come.
  private static let bash = """
    exec 3<>"/dev/tcp/$1/$2" || exit 1
    cat <&0 >&3 & cat <&3 & down=$!
    wait -n; kill -0 $down 2>/dev/null && sleep 2
    kill $(jobs -p) 2>/dev/null; exit 0
    """

  /// The command for a server. Nothing secret is in it: that is in the bytes.
  static func command(host: String, port: Int) -> [String] {
    ["sh", "-c", script, "sh", host, String(port), python, bash]
  }
}
