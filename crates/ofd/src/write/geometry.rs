//! Boxes: OFD places each object by its boundary and draws relative to the boundary's corner (GB/T 33190 8.4).

/// The transform that changes nothing.
pub(super) const IDENTITY: [f64; 6] = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// The smallest box around some points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Bounds {
    pub(super) fn of(points: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        points.into_iter().fold(None, |found, (x, y)| {
            let Some(b) = found else {
                return Some(Self {
                    left: x,
                    top: y,
                    right: x,
                    bottom: y,
                });
            };
            Some(Self {
                left: b.left.min(x),
                top: b.top.min(y),
                right: b.right.max(x),
                bottom: b.bottom.max(y),
            })
        })
    }

    pub(super) fn corners(&self) -> [(f64, f64); 4] {
        [
            (self.left, self.top),
            (self.right, self.top),
            (self.left, self.bottom),
            (self.right, self.bottom),
        ]
    }

    pub(super) fn grown(&self, by: f64) -> Self {
        Self {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    /// Gives the box around the transformed box.
    pub(super) fn transformed(&self, transform: &[f64; 6]) -> Self {
        Self::of(self.corners().map(|point| apply(transform, point))).unwrap_or(*self)
    }

    /// Gives x, y, width, height on the grid that the file can write, never smaller than the box.
    pub(super) fn written(&self) -> [f64; 4] {
        const GRID: f64 = 1e4;
        let (x, y) = ((self.left * GRID).floor() / GRID, (self.top * GRID).floor() / GRID);
        let ceil = |v: f64| (v * GRID).ceil().max(1.0) / GRID;
        [x, y, ceil(self.right - x), ceil(self.bottom - y)]
    }
}

pub(super) fn apply(t: &[f64; 6], (x, y): (f64, f64)) -> (f64, f64) {
    (t[0] * x + t[2] * y + t[4], t[1] * x + t[3] * y + t[5])
}

/// Gives the transform that does `first`, then `second`.
pub(super) fn then(first: &[f64; 6], second: &[f64; 6]) -> [f64; 6] {
    let [a, b, c, d, e, f] = *first;
    let (x, y) = apply(second, (e, f));
    let [sa, sb, sc, sd, ..] = *second;
    [sa * a + sc * b, sb * a + sd * b, sa * c + sc * d, sb * c + sd * d, x, y]
}

/// How an object is placed: its boundary, and what takes its own coordinates there.
pub(super) struct Placement {
    pub(super) boundary: [f64; 4],
    /// Added to the object's coordinates.
    pub(super) shift: (f64, f64),
    /// Written as CTM unless the transform only moves.
    pub(super) ctm: Option<[f64; 6]>,
}

/// Places an object whose own coordinates lie in `bounds` and go to the page by `transform`.
pub(super) fn place(bounds: &Bounds, transform: &[f64; 6]) -> Placement {
    let boundary = bounds.transformed(transform).written();
    let [a, b, c, d, e, f] = *transform;
    let to_corner = (e - boundary[0], f - boundary[1]);
    if [a, b, c, d] == [1.0, 0.0, 0.0, 1.0] {
        Placement {
            boundary,
            shift: to_corner,
            ctm: None,
        }
    } else {
        Placement {
            boundary,
            shift: (0.0, 0.0),
            ctm: Some([a, b, c, d, to_corner.0, to_corner.1]),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn placed_coordinates_come_back_to_the_page() {
        let bounds = Bounds::of([(1.0, 2.0), (4.0, 3.0)]).unwrap();
        for transform in [
            IDENTITY,
            [1.0, 0.0, 0.0, 1.0, 7.0, -3.0],
            [0.0, 1.0, -1.0, 0.0, 50.0, 60.0],
            [2.0, 0.3, 0.1, 0.5, 9.0, 8.0],
        ] {
            let placed = place(&bounds, &transform);
            for point in bounds.corners() {
                let expected = apply(&transform, point);
                let own = (point.0 + placed.shift.0, point.1 + placed.shift.1);
                let (x, y) = apply(&placed.ctm.unwrap_or(IDENTITY), own);
                let (x, y) = (x + placed.boundary[0], y + placed.boundary[1]);
                assert!(
                    (x - expected.0).abs() < 1e-9 && (y - expected.1).abs() < 1e-9,
                    "{transform:?}"
                );
                assert!(x >= placed.boundary[0] - 1e-9 && x <= placed.boundary[0] + placed.boundary[2] + 1e-9);
            }
        }
    }

    #[test]
    fn transforms_compose_in_order() {
        let (first, second) = ([2.0, 0.0, 0.0, 3.0, 1.0, 1.0], [0.0, 1.0, -1.0, 0.0, 5.0, 0.0]);
        let both = then(&first, &second);
        assert_eq!(apply(&both, (1.0, 2.0)), apply(&second, apply(&first, (1.0, 2.0))));
    }
}
