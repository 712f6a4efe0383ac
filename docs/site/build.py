"""Build the documentation site: pages of docs/, and reference pages generated from the code.

Every warning is an error, a link that leads nowhere among them.
"""

from __future__ import annotations

import logging
import shutil
import sys
from pathlib import Path

SITE = Path(__file__).resolve().parent
ROOT = SITE.parents[1]
PAGES = ROOT / "build" / "docs"

sys.path.insert(0, str(SITE))


def main() -> int:
    """Gather the pages, write those that come from the code, and build."""
    import generated
    import navigation
    from mkdocs.commands.build import build
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    shutil.rmtree(PAGES, ignore_errors=True)
    shutil.copytree(ROOT / "docs", PAGES, ignore=shutil.ignore_patterns("site"))
    shutil.copy(SITE / "site.css", PAGES)
    for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        (PAGES / name).write_text(text.replace("](docs/", "]("), encoding="utf-8")
    generated.write(PAGES)
    config = load_config(str(SITE / "mkdocs.yml"), strict=True, nav=navigation.of(PAGES))
    try:
        build(config)
    except Abort as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"The site is in {Path(config.site_dir) / 'index.html'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
