# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""For `make install`: say so if this Python does not look in the given folder.

Debian's names lib/python3.X/site-packages below /usr/local and looks in
dist-packages; none looks below a prefix of the user.
"""

import os
import site
import sys


def say(folder: str) -> None:
    """Print one line and its remedy, or nothing."""
    looks = {os.path.realpath(place) for place in sys.path if place}
    if os.path.realpath(folder) in looks:
        return
    print("The package datamem is in %s, where %s does not look. It does with\n"
          "    export PYTHONPATH=%s\n"
          "or, for DATAMEM=numpy to act as well, after\n"
          "    make install pythondir=%s"
          % (folder, sys.executable, folder, site.getsitepackages()[0]))


say(sys.argv[1])
