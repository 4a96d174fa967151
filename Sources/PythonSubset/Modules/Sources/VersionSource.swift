extension StandardSources {
  /// `packaging.version`: versions as PEP 440 writes and orders them.
  static let packagingVersion = #"""
    import re

    VERSION_PATTERN = r"""
        v?
        (?:
            (?:(?P<epoch>[0-9]+)!)?
            (?P<release>[0-9]+(?:\.[0-9]+)*)
            (?P<pre>[-_\.]?(?P<pre_l>alpha|a|beta|b|preview|pre|c|rc)[-_\.]?(?P<pre_n>[0-9]+)?)?
            (?P<post>
                (?:-(?P<post_n1>[0-9]+))
                |
                (?:[-_\.]?(?P<post_l>post|rev|r)[-_\.]?(?P<post_n2>[0-9]+)?)
            )?
            (?P<dev>[-_\.]?(?P<dev_l>dev)[-_\.]?(?P<dev_n>[0-9]+)?)?
        )
        (?:\+(?P<local>[a-z0-9]+(?:[-_\.][a-z0-9]+)*))?
    """

    class InvalidVersion(ValueError):
        pass

    def parse(version):
        return Version(version)

    _SPELLINGS = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}

    class Version:
        def __init__(self, version):
            match = re.match(
                r"^\s*" + VERSION_PATTERN + r"\s*$", version, re.VERBOSE | re.IGNORECASE)
            if not match:
                raise InvalidVersion(f"Invalid version: {version!r}")
            self.epoch = int(match["epoch"] or 0)
            self.release = tuple(int(part) for part in match["release"].split("."))
            self.pre = self.post = self.dev = self.local = None
            if match["pre"]:
                letter = match["pre_l"].lower()
                self.pre = (_SPELLINGS.get(letter, letter), int(match["pre_n"] or 0))
            if match["post"]:
                self.post = int(match["post_n1"] or match["post_n2"] or 0)
            if match["dev"]:
                self.dev = int(match["dev_n"] or 0)
            parts = ()
            if match["local"]:
                words = re.split(r"[\._-]", match["local"].lower())
                self.local = ".".join(str(int(word)) if word.isdigit() else word for word in words)
                parts = tuple(
                    (int(word), "") if word.isdigit() else (-1, word) for word in words)
            self._key = self._made_key(parts)

        def _made_key(self, local):
            release = list(self.release)
            while len(release) > 1 and release[-1] == 0:
                release.pop()
            if self.pre is not None:
                pre = (0, self.pre)
            elif self.post is None and self.dev is not None:
                pre = (-1, ("", 0))
            else:
                pre = (1, ("", 0))
            post = -1 if self.post is None else self.post
            dev = (1, 0) if self.dev is None else (0, self.dev)
            return (self.epoch, tuple(release), pre, post, dev, (self.local is not None, local))

        @property
        def base_version(self):
            epoch = f"{self.epoch}!" if self.epoch else ""
            return epoch + ".".join(str(part) for part in self.release)

        @property
        def public(self):
            text = self.base_version
            if self.pre is not None:
                text += f"{self.pre[0]}{self.pre[1]}"
            if self.post is not None:
                text += f".post{self.post}"
            if self.dev is not None:
                text += f".dev{self.dev}"
            return text

        @property
        def major(self):
            return self.release[0]

        @property
        def minor(self):
            return self.release[1] if len(self.release) > 1 else 0

        @property
        def micro(self):
            return self.release[2] if len(self.release) > 2 else 0

        @property
        def is_prerelease(self):
            return self.dev is not None or self.pre is not None

        @property
        def is_postrelease(self):
            return self.post is not None

        @property
        def is_devrelease(self):
            return self.dev is not None

        def __str__(self):
            return self.public + (f"+{self.local}" if self.local is not None else "")

        def __repr__(self):
            return f"<Version('{self}')>"

        def __hash__(self):
            return hash(self._key)

        def __eq__(self, other):
            return self._key == other._key if isinstance(other, Version) else NotImplemented

        def __lt__(self, other):
            return self._key < other._key if isinstance(other, Version) else NotImplemented

        def __le__(self, other):
            return self._key <= other._key if isinstance(other, Version) else NotImplemented

        def __gt__(self, other):
            return self._key > other._key if isinstance(other, Version) else NotImplemented

        def __ge__(self, other):
            return self._key >= other._key if isinstance(other, Version) else NotImplemented
    """#
}
