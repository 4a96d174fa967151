extension StandardSources {
  /// `urllib.parse`.
  static let urllibParse = #"""
    from collections import namedtuple

    _SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~")
    _HEX = "0123456789ABCDEFabcdef"
    _SCHEME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.")

    def quote(string, safe="/", encoding=None, errors=None):
        if isinstance(string, str):
            string = string.encode(encoding or "utf-8", errors or "strict")
        elif encoding is not None or errors is not None:
            raise TypeError("quote() doesn't support 'encoding' for bytes")
        return quote_from_bytes(string, safe)

    def quote_from_bytes(bs, safe="/"):
        if not isinstance(bs, (bytes, bytearray)):
            raise TypeError("quote_from_bytes() expected bytes")
        if isinstance(safe, bytes):
            safe = safe.decode("ascii", "ignore")
        text = ""
        for byte in bs:
            char = chr(byte)
            text += char if char in _SAFE or byte < 128 and char in safe else f"%{byte:02X}"
        return text

    def quote_plus(string, safe="", encoding=None, errors=None):
        space = b" " if isinstance(string, bytes) else " "
        if space not in string:
            return quote(string, safe, encoding, errors)
        text = quote(string, (safe if isinstance(safe, str) else safe.decode()) + " ",
                     encoding, errors)
        return text.replace(" ", "+")

    def unquote_to_bytes(string):
        if isinstance(string, str):
            string = string.encode("utf-8")
        pieces = string.split(b"%")
        found = pieces[0]
        for piece in pieces[1:]:
            digits = piece[:2].decode("latin-1")
            if len(digits) == 2 and digits[0] in _HEX and digits[1] in _HEX:
                found += bytes([int(digits, 16)]) + piece[2:]
            else:
                found += b"%" + piece
        return found

    def unquote(string, encoding="utf-8", errors="replace"):
        if isinstance(string, bytes):
            return unquote_to_bytes(string).decode(encoding, errors)
        if "%" not in string:
            return string
        return unquote_to_bytes(string).decode(encoding or "utf-8", errors or "replace")

    def unquote_plus(string, encoding="utf-8", errors="replace"):
        return unquote(string.replace("+", " "), encoding, errors)

    def urlencode(query, doseq=False, safe="", encoding=None, errors=None, quote_via=quote_plus):
        if hasattr(query, "items"):
            query = query.items()
        def written(value):
            return quote_via(value, safe) if isinstance(value, bytes) else quote_via(
                str(value), safe, encoding, errors)
        pairs = []
        for key, value in query:
            if not doseq or isinstance(value, (str, bytes)):
                pairs.append(written(key) + "=" + written(value))
                continue
            try:
                len(value)
            except TypeError:
                pairs.append(written(key) + "=" + written(value))
            else:
                for item in value:
                    pairs.append(written(key) + "=" + written(item))
        return "&".join(pairs)

    class _NetLocation:
        def _divided(self):
            user, found, rest = self.netloc.rpartition("@")
            host, port = rest, None
            if rest.startswith("["):
                host, _, after = rest[1:].partition("]")
                port = after[1:] if after.startswith(":") else None
            elif ":" in rest:
                host, _, port = rest.partition(":")
            name, colon, word = user.partition(":")
            return (name if found else None, word if colon else None, host, port)

        @property
        def username(self):
            return self._divided()[0]

        @property
        def password(self):
            return self._divided()[1]

        @property
        def hostname(self):
            host = self._divided()[2]
            if not host:
                return None
            name, percent, zone = host.partition("%")
            return name.lower() + percent + zone

        @property
        def port(self):
            port = self._divided()[3]
            if not port:
                return None
            if not (port.isdigit() and port.isascii()):
                raise ValueError(f"Port could not be cast to integer value as {port!r}")
            if int(port) > 65535:
                raise ValueError("Port out of range 0-65535")
            return int(port)

        def geturl(self):
            return urlunparse(self) if len(self) == 6 else urlunsplit(self)

    class SplitResult(
        namedtuple("SplitResult", "scheme netloc path query fragment"), _NetLocation
    ):
        pass

    class ParseResult(
        namedtuple("ParseResult", "scheme netloc path params query fragment"), _NetLocation
    ):
        pass

    def urlsplit(url, scheme="", allow_fragments=True):
        url = url.lstrip("".join(chr(code) for code in range(33)))
        for char in "\t\r\n":
            url = url.replace(char, "")
        netloc = query = fragment = ""
        colon = url.find(":")
        if colon > 0 and url[0].isascii() and url[0].isalpha():
            if all(char in _SCHEME for char in url[:colon]):
                scheme, url = url[:colon].lower(), url[colon + 1:]
        if url[:2] == "//":
            ends = [at for at in (url.find(mark, 2) for mark in "/?#") if at >= 0]
            end = min(ends) if ends else len(url)
            netloc, url = url[2:end], url[end:]
            if ("[" in netloc) != ("]" in netloc):
                raise ValueError("Invalid IPv6 URL")
        if allow_fragments and "#" in url:
            url, _, fragment = url.partition("#")
        if "?" in url:
            url, _, query = url.partition("?")
        return SplitResult(scheme, netloc, url, query, fragment)

    _WITH_PARAMS = {"", "ftp", "hdl", "prospero", "http", "https", "shttp", "rtsp", "rtspu",
                    "sip", "sips", "mms", "sftp", "tel"}
    _WITH_NETLOC = {"", "ftp", "http", "gopher", "nntp", "telnet", "imap", "wais", "file", "mms",
                    "https", "shttp", "snews", "prospero", "rtsp", "rtspu", "rsync", "svn",
                    "svn+ssh", "sftp", "nfs", "git", "git+ssh", "ws", "wss"}

    def urlparse(url, scheme="", allow_fragments=True):
        scheme, netloc, path, query, fragment = urlsplit(url, scheme, allow_fragments)
        params = ""
        last = path.rfind("/")
        semicolon = path.find(";", last if last >= 0 else 0)
        if scheme in _WITH_PARAMS and semicolon >= 0:
            path, params = path[:semicolon], path[semicolon + 1:]
        return ParseResult(scheme, netloc, path, params, query, fragment)

    def urlunparse(components):
        scheme, netloc, path, params, query, fragment = components
        if params:
            path = f"{path};{params}"
        return urlunsplit((scheme, netloc, path, query, fragment))

    def urlunsplit(components):
        scheme, netloc, url, query, fragment = components
        if netloc or scheme and scheme in _WITH_NETLOC and url[:2] != "//":
            if url and url[:1] != "/":
                url = "/" + url
            url = "//" + (netloc or "") + url
        if scheme:
            url = scheme + ":" + url
        if query:
            url = url + "?" + query
        if fragment:
            url = url + "#" + fragment
        return url

    def parse_qsl(qs, keep_blank_values=False, strict_parsing=False, encoding="utf-8",
                  errors="replace", max_num_fields=None, separator="&"):
        pairs = []
        for item in qs.split(separator) if qs else []:
            if not item and not strict_parsing:
                continue
            name, equals, value = item.partition("=")
            if not equals:
                if strict_parsing:
                    raise ValueError(f"bad query field: {item!r}")
                if not keep_blank_values:
                    continue
            if value or keep_blank_values:
                pairs.append((unquote_plus(name, encoding, errors),
                              unquote_plus(value, encoding, errors)))
        return pairs

    def parse_qs(qs, keep_blank_values=False, strict_parsing=False, encoding="utf-8",
                 errors="replace", max_num_fields=None, separator="&"):
        found = {}
        for name, value in parse_qsl(qs, keep_blank_values, strict_parsing, encoding, errors,
                                     max_num_fields, separator):
            found.setdefault(name, []).append(value)
        return found

    def urldefrag(url):
        scheme, netloc, path, params, query, fragment = urlparse(url)
        return DefragResult(urlunparse((scheme, netloc, path, params, query, "")), fragment)

    DefragResult = namedtuple("DefragResult", "url fragment")

    def urljoin(base, url, allow_fragments=True):
        if not base:
            return url
        if not url:
            return base
        start = urlparse(base, "", allow_fragments)
        target = urlparse(url, start.scheme, allow_fragments)
        if target.scheme != start.scheme or target.scheme not in _WITH_NETLOC:
            return url
        if target.netloc:
            return urlunparse(target)
        if not target.path and not target.params:
            return urlunparse((target.scheme, start.netloc, start.path, start.params,
                               target.query or start.query, target.fragment))
        folder = start.path.split("/")
        if folder[-1] != "":
            del folder[-1]
        if target.path[:1] == "/":
            names = target.path.split("/")
        else:
            names = folder + target.path.split("/")
            names[1:-1] = [name for name in names[1:-1] if name]
        path = []
        for name in names:
            if name == "..":
                if path:
                    path.pop()
            elif name != ".":
                path.append(name)
        if names[-1] in (".", ".."):
            path.append("")
        return urlunparse((target.scheme, start.netloc, "/".join(path) or "/", target.params,
                           target.query, target.fragment))
    """#
}
