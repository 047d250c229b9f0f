//! Page content: objects in the order and with the attributes of the schema (GB/T 33190 clauses 7.7, 9, 10, 11).

use super::geometry::{Bounds, IDENTITY, Placement, place, then};
use super::model::{ImageObject, Object, Page, PathCommand, PathObject, TextObject};
use super::text::{Xml, lengths, number};
use super::{Ids, WriteError};

/// Writes one page; gives the IDs of its objects in order.
pub(super) fn write(page: &Page, index: usize, ids: &mut Ids) -> Result<(Vec<u8>, Vec<u32>), WriteError> {
    let positive = |v: f64| v.is_finite() && v > 0.0;
    if !positive(page.width_mm) || !positive(page.height_mm) {
        return Err(WriteError::BadNumber {
            page: index,
            what: "a page's size",
        });
    }
    let mut xml = Xml::new();
    xml.root("Page", &[]);
    xml.open("Area", &[]);
    xml.leaf("PhysicalBox", &[], &lengths(&[0.0, 0.0, page.width_mm, page.height_mm]));
    xml.close("Area");
    xml.open("Content", &[]);
    xml.open("Layer", &[("ID", &ids.next().to_string()), ("Type", "Body")]);
    let mut objects = Vec::with_capacity(page.objects.len());
    for object in &page.objects {
        let id = ids.next();
        objects.push(id);
        let mut writer = ObjectWriter {
            xml: &mut xml,
            page: index,
            id: id.to_string(),
        };
        match object {
            Object::Text(text) => writer.text(text, ids)?,
            Object::Path(path) => writer.path(path)?,
            Object::Image(image) => writer.image(image, ids)?,
        }
    }
    for name in ["Layer", "Content", "Page"] {
        xml.close(name);
    }
    Ok((xml.finish()?, objects))
}

struct ObjectWriter<'x> {
    xml: &'x mut Xml,
    page: usize,
    id: String,
}

impl ObjectWriter<'_> {
    fn finite(&self, what: &'static str, values: impl IntoIterator<Item = f64>) -> Result<(), WriteError> {
        // Beyond a kilometre something is wrong, and four decimals would no longer be exact.
        let fits = values.into_iter().all(|v| v.is_finite() && v.abs() < 1e6);
        if fits {
            Ok(())
        } else {
            Err(WriteError::BadNumber { page: self.page, what })
        }
    }

    fn transform(&self, transform: Option<[f64; 6]>) -> Result<[f64; 6], WriteError> {
        let transform = transform.unwrap_or(IDENTITY);
        self.finite("a transform", transform)?;
        Ok(transform)
    }

    fn text(&mut self, text: &TextObject, ids: &Ids) -> Result<(), WriteError> {
        let font = ids.font(text.font, self.page)?;
        self.finite("a text's place or size", [text.x, text.y, text.size_mm])?;
        if text.size_mm <= 0.0 {
            return Err(WriteError::BadNumber {
                page: self.page,
                what: "a text's size",
            });
        }
        let deltas = text.codes.iter().flat_map(|c| c.delta_x.iter().chain(&c.delta_y));
        self.finite("a text's advance", deltas.copied())?;
        let runs = self.runs(text)?;
        let transform = self.transform(text.transform)?;
        let origins = runs.iter().flat_map(|run| &run.origins).copied();
        let em = text.size_mm;
        // The em box of each glyph, with room for what leans or hangs out of it.
        let boxes = origins.flat_map(|(x, y)| [(x - 0.2 * em, y - 1.15 * em), (x + 1.2 * em, y + 0.45 * em)]);
        let start = [(text.x, text.y)];
        let bounds = Bounds::of(boxes).or_else(|| Bounds::of(start));
        let Some(bounds) = bounds else { return Ok(()) };
        let placed = place(&bounds, &transform);
        let size = number(em, 4);
        let mut own = vec![("Font", font.as_str()), ("Size", size.as_str())];
        if let Some(name) = &text.name {
            own.push(("Name", name));
        }
        self.open("TextObject", &placed, &own);
        self.color("FillColor", text.fill);
        for run in runs {
            if !run.glyphs.is_empty() {
                let counts = [run.characters.to_string(), run.glyphs.len().to_string()];
                let attributes = [
                    ("CodePosition", "0"),
                    ("CodeCount", &*counts[0]),
                    ("GlyphCount", &*counts[1]),
                ];
                self.xml.open("CGTransform", &attributes);
                let glyphs = run.glyphs.iter().map(u16::to_string).collect::<Vec<_>>().join(" ");
                self.xml.leaf("Glyphs", &[], &glyphs);
                self.xml.close("CGTransform");
            }
            self.code(&run, &placed);
        }
        self.xml.close("TextObject");
        Ok(())
    }

    fn code(&mut self, run: &Run<'_>, placed: &Placement) {
        let Some((x, y)) = run.origins.first() else { return };
        let (x, y) = (number(x + placed.shift.0, 4), number(y + placed.shift.1, 4));
        let (across, down) = (
            steps(run.origins.iter().map(|o| o.0)),
            steps(run.origins.iter().map(|o| o.1)),
        );
        let mut attributes = vec![("X", x.as_str()), ("Y", y.as_str())];
        if !across.is_empty() {
            attributes.push(("DeltaX", &across));
        }
        if down.split(' ').any(|step| !matches!(step, "" | "0")) {
            attributes.push(("DeltaY", &down));
        }
        self.xml.leaf("TextCode", &attributes, run.text);
    }

    /// Follows the pen through all codes and deals the glyphs out.
    fn runs<'t>(&self, text: &'t TextObject) -> Result<Vec<Run<'t>>, WriteError> {
        let characters: usize = text.codes.iter().map(|c| c.text.chars().count()).sum();
        let codes = text.codes.iter().filter(|c| !c.text.is_empty()).count();
        if !text.glyphs.is_empty() && text.glyphs.len() != characters && codes > 1 {
            return Err(WriteError::GlyphCount {
                page: self.page,
                glyphs: text.glyphs.len(),
                characters,
            });
        }
        let mut rest = text.glyphs.as_slice();
        let mut pen = (text.x, text.y);
        let mut runs = Vec::with_capacity(codes);
        for code in text.codes.iter().filter(|c| !c.text.is_empty()) {
            let characters = code.text.chars().count();
            let share = if codes == 1 {
                rest.len()
            } else {
                characters.min(rest.len())
            };
            let (glyphs, tail) = rest.split_at(share);
            rest = tail;
            let mut origins = Vec::with_capacity(characters);
            for index in 0..characters {
                origins.push(pen);
                pen.0 += code.delta_x.get(index).copied().unwrap_or_default();
                pen.1 += code.delta_y.get(index).copied().unwrap_or_default();
            }
            runs.push(Run {
                text: &code.text,
                characters,
                origins,
                glyphs,
            });
        }
        Ok(runs)
    }

    fn path(&mut self, path: &PathObject) -> Result<(), WriteError> {
        if !matches!(path.commands.first(), Some(PathCommand::M(..))) {
            return Err(WriteError::BadPath { page: self.page });
        }
        let transform = self.transform(path.transform)?;
        let points: Vec<_> = path.commands.iter().flat_map(points).collect();
        self.finite("a path's point", points.iter().flat_map(|p| [p.0, p.1]))?;
        self.finite(
            "a line's width or dashes",
            path.dash.iter().copied().chain([path.line_width]),
        )?;
        if path.line_width < 0.0 || path.dash.iter().any(|v| *v < 0.0) {
            return Err(WriteError::BadNumber {
                page: self.page,
                what: "a line's width or dashes",
            });
        }
        let Some(bounds) = Bounds::of(points) else {
            return Ok(());
        };
        let stroked = path.stroke.is_some();
        let placed = place(&bounds.grown(if stroked { path.line_width } else { 0.0 }), &transform);
        let width = number(path.line_width, 4);
        let dash = lengths(&path.dash);
        let mut own = Vec::new();
        if stroked {
            own.push(("LineWidth", width.as_str()));
            if !path.dash.is_empty() {
                own.push(("DashPattern", dash.as_str()));
            }
        }
        own.push(("Stroke", if stroked { "true" } else { "false" }));
        own.push(("Fill", if path.fill.is_some() { "true" } else { "false" }));
        if path.even_odd {
            own.push(("Rule", "Even-Odd"));
        }
        self.open("PathObject", &placed, &own);
        if let Some(color) = path.stroke {
            self.color("StrokeColor", color);
        }
        if let Some(color) = path.fill {
            self.color("FillColor", color);
        }
        let data: Vec<_> = path
            .commands
            .iter()
            .map(|command| abbreviated(command, placed.shift))
            .collect();
        self.xml.leaf("AbbreviatedData", &[], &data.join(" "));
        self.xml.close("PathObject");
        Ok(())
    }

    fn image(&mut self, image: &ImageObject, ids: &Ids) -> Result<(), WriteError> {
        let resource = ids.image(image.image, self.page)?;
        let [x, y, width, height] = image.boundary;
        self.finite("a picture's box", image.boundary)?;
        if width <= 0.0 || height <= 0.0 {
            return Err(WriteError::BadNumber {
                page: self.page,
                what: "a picture's box",
            });
        }
        let transform = self.transform(image.transform)?;
        let Some(unit) = Bounds::of([(0.0, 0.0), (1.0, 1.0)]) else {
            return Ok(());
        };
        // A picture is the unit square until its CTM gives it a size.
        let placed = place(&unit, &then(&[width, 0.0, 0.0, height, x, y], &transform));
        let ctm = placed
            .ctm
            .or(Some([1.0, 0.0, 0.0, 1.0, placed.shift.0, placed.shift.1]));
        let placed = Placement { ctm, ..placed };
        self.begin("ImageObject", &placed, &[("ResourceID", &resource)], true);
        Ok(())
    }

    fn open(&mut self, name: &str, placed: &Placement, own: &[(&str, &str)]) {
        self.begin(name, placed, own, false);
    }

    fn begin(&mut self, name: &str, placed: &Placement, own: &[(&str, &str)], empty: bool) {
        let boundary = lengths(&placed.boundary);
        let ctm = placed.ctm.map(|ctm| ctm.map(|v| number(v, 6)).join(" "));
        let mut attributes = vec![("ID", self.id.as_str()), ("Boundary", boundary.as_str())];
        if let Some(ctm) = &ctm {
            attributes.push(("CTM", ctm));
        }
        attributes.extend_from_slice(own);
        if empty {
            self.xml.empty(name, &attributes);
        } else {
            self.xml.open(name, &attributes);
        }
    }

    fn color(&mut self, name: &str, [red, green, blue, alpha]: [u8; 4]) {
        let value = format!("{red} {green} {blue}");
        let alpha_text = alpha.to_string();
        let mut attributes = vec![("Value", value.as_str())];
        if alpha != u8::MAX {
            attributes.push(("Alpha", &alpha_text));
        }
        self.xml.empty(name, &attributes);
    }
}

struct Run<'t> {
    text: &'t str,
    characters: usize,
    /// Where each character starts, in the object's own coordinates.
    origins: Vec<(f64, f64)>,
    glyphs: &'t [u16],
}

/// Writes the steps between places, so that rounding does not add up.
fn steps(places: impl Iterator<Item = f64>) -> String {
    let grid: Vec<f64> = places.map(|v| (v * 1e4).round()).collect();
    let differences: Vec<f64> = grid.windows(2).map(|pair| (pair[1] - pair[0]) / 1e4).collect();
    lengths(&differences)
}

fn points(command: &PathCommand) -> Vec<(f64, f64)> {
    match *command {
        PathCommand::M(x, y) | PathCommand::L(x, y) => vec![(x, y)],
        PathCommand::Q(a, b, x, y) => vec![(a, b), (x, y)],
        PathCommand::B(a, b, c, d, x, y) => vec![(a, b), (c, d), (x, y)],
        PathCommand::C => Vec::new(),
    }
}

fn abbreviated(command: &PathCommand, shift: (f64, f64)) -> String {
    let letter = match command {
        PathCommand::M(..) => "M",
        PathCommand::L(..) => "L",
        PathCommand::Q(..) => "Q",
        PathCommand::B(..) => "B",
        PathCommand::C => return "C".to_owned(),
    };
    let numbers: Vec<f64> = points(command)
        .into_iter()
        .flat_map(|(x, y)| [x + shift.0, y + shift.1])
        .collect();
    format!("{letter} {}", lengths(&numbers))
}
