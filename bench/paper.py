"""A PDF of any size that passes for what it is."""


def pdf_of(size: int) -> bytes:
    """One empty page, and a stream that nobody draws to fill it up to `size` bytes."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>",
    ]
    filling = b"0123456789abcdef" * ((size - 1000) // 16)
    parts.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(filling), filling))
    out = b"%PDF-1.4\n"
    places = []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    start = len(out)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(parts) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % count
    return out + b"startxref\n%d\n%%%%EOF\n" % start
