"""The container's health check: `python -m todomate.probe` (see `operations.serving.probe`).

The path of this module is part of the interface between releases: deploy.sh runs it in the
containers of the release before and of the new one.
"""

import sys

from operations.serving.probe import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) or 0)
