"""Names of accounts and keys as parts of a path that a project writes with placeholders."""

from urllib.parse import quote


def part(name: str, escape: str = "%") -> str:
    """A name as a part of a path: one to one, and never hidden, a step up, or an option.

    ``escape`` stands before the two hexadecimal digits of everything that is not plain.
    """
    encoded = quote(name, safe="", errors="surrogatepass").replace("~", "%7E")
    if encoded[:1] in (".", "-"):
        encoded = f"%{ord(encoded[0]):02X}{encoded[1:]}"
    return encoded.replace("%", escape)


def filled(template: str, account: str, name: str, escape: str = "%") -> str:
    """The template with both names in it, each as one part."""
    account, name = part(account, escape), part(name, escape)
    return template.replace("{account}", account).replace("{name}", name)
