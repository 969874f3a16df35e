# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""OpenCV, whose own matrices come from malloc(3)."""

import cv2
import numpy as np

rng = np.random.default_rng(1)
image = rng.integers(0, 256, (1500, 2000, 3), dtype=np.uint8)
total = 0.0
for size in (3, 5, 9, 15):
    blurred = cv2.GaussianBlur(cv2.UMat(image), (size, size), 0)
    grey = cv2.cvtColor(blurred, cv2.COLOR_BGR2GRAY)
    edges = cv2.Canny(grey, 50, 150).get()
    small = cv2.pyrDown(cv2.pyrDown(grey))
    total += float(edges.mean()) + float(small.get().mean())
contours = cv2.findContours(cv2.threshold(edges, 127, 255, 0)[1],
                            cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]
points = cv2.goodFeaturesToTrack(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), 500,
                                 0.01, 10)
print(total + len(contours) + len(points))
