//! Walks Typst's frames, back to front, and writes down what they draw in page coordinates.

use typst::foundations::Value;
use typst::introspection::{MetadataElem, Tag};
use typst::layout::{Abs, Frame, FrameItem, GroupItem, Point, Size, Transform};
use typst::text::TextItem;
use typst::visualize::{
    Curve, CurveItem, ExchangeFormat, FillRule, FixedStroke, Geometry, Image, ImageKind, Paint, RasterFormat, Shape,
};

use crate::subset::FontTable;
use crate::{
    Affine, Feature, FontUse, Glyph, ImageFormat, Item, LayoutError, LineCap, LineJoin, Page, PathCommand, PathShape,
    Picture, Rgba, SealAnchor, Stroke, TextRun,
};

/// Marks of the prelude: `metadata((cinnabar: "field", name: …))` … `metadata((cinnabar: "end"))` around the text of a
/// field, and `metadata((cinnabar: "seal"))` at the centre of a seal. Metadata shows nothing and leaves no trace in a PDF.
const MARK_KEY: &str = "cinnabar";

const IDENTITY: Affine = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// All that a document's frames held.
pub(crate) struct Walked {
    pub pages: Vec<Page>,
    pub fonts: Vec<FontUse>,
    pub seal_anchors: Vec<SealAnchor>,
}

#[derive(Default)]
pub(crate) struct Walk {
    pages: Vec<Page>,
    items: Vec<Item>,
    fonts: FontTable,
    anchors: Vec<SealAnchor>,
    open_fields: Vec<String>,
}

impl Walk {
    pub(crate) fn page(&mut self, page: &typst_layout::Page) -> Result<(), LayoutError> {
        if let Some(paint) = page.fill_or_transparent() {
            self.shape(Transform::identity(), &Geometry::Rect(page.frame.size()).filled(paint))?;
        }
        self.frame(Transform::identity(), &page.frame)?;
        let items = std::mem::take(&mut self.items);
        self.pages.push(Page {
            width_mm: mm(page.frame.width()),
            height_mm: mm(page.frame.height()),
            items,
        });
        Ok(())
    }

    /// Cuts the fonts down and renumbers every glyph accordingly.
    pub(crate) fn finish(self) -> Result<Walked, LayoutError> {
        let (fonts, maps) = self.fonts.subset()?;
        let mut pages = self.pages;
        for item in pages.iter_mut().flat_map(|page| &mut page.items) {
            let Item::Text(run) = item else { continue };
            let map = maps.get(run.font);
            for glyph in &mut run.glyphs {
                glyph.id = map.and_then(|map| map.get(glyph.id)).unwrap_or(0);
            }
        }
        Ok(Walked {
            pages,
            fonts,
            seal_anchors: self.anchors,
        })
    }

    fn frame(&mut self, to_page: Transform, frame: &Frame) -> Result<(), LayoutError> {
        for (position, item) in frame.items() {
            let here = to_page.pre_concat(Transform::translate(position.x, position.y));
            match item {
                FrameItem::Group(group) => self.group(here, group)?,
                FrameItem::Text(text) => self.text(here, text)?,
                FrameItem::Shape(shape, _) => self.shape(here, shape)?,
                FrameItem::Image(image, size, _) => self.image(here, image, *size)?,
                FrameItem::Tag(tag) => self.tag(here, tag),
                FrameItem::Link(..) => {}
            }
        }
        Ok(())
    }

    fn group(&mut self, here: Transform, group: &GroupItem) -> Result<(), LayoutError> {
        if let Some(clip) = &group.clip
            && clip_cuts(clip, &group.frame)
        {
            return Err(self.unsupported(Feature::Clip));
        }
        self.frame(here.pre_concat(group.transform), &group.frame)
    }

    fn tag(&mut self, here: Transform, tag: &Tag) {
        let Tag::Start(element, _) = tag else { return };
        let Some(Value::Dict(mark)) = element.to_packed::<MetadataElem>().map(|metadata| &metadata.value) else {
            return;
        };
        let text = |key: &str| match mark.get(key) {
            Ok(Value::Str(text)) => text.as_str().to_owned(),
            _ => String::new(),
        };
        match text(MARK_KEY).as_str() {
            "field" => self.open_fields.push(text("name")),
            "end" => drop(self.open_fields.pop()),
            "seal" => {
                let centre = Point::zero().transform(here);
                self.anchors.push(SealAnchor {
                    page: self.pages.len(),
                    x_mm: mm(centre.x),
                    y_mm: mm(centre.y),
                });
            }
            _ => {}
        }
    }

    fn text(&mut self, here: Transform, text: &TextItem) -> Result<(), LayoutError> {
        if text.stroke.is_some() {
            return Err(self.unsupported(Feature::StrokedText));
        }
        let fill = self.paint(&text.fill)?;
        let (transform, origin) = placed(here);
        let mut pen = Abs::zero();
        let mut run: Option<TextRun> = None;
        let mut previous_range = None;
        for glyph in &text.glyphs {
            let continues_cluster = previous_range.as_ref() == Some(&glyph.range);
            previous_range = Some(glyph.range.clone());
            let cluster = text.text.get(glyph.range()).unwrap_or_default();
            if glyph.id == 0 {
                return Err(self.missing_glyph(cluster));
            }
            let stands_for = if continues_cluster { "" } else { cluster };
            let current = run.as_ref().map(|run| run.font);
            let font = self.fonts.register(&text.font, glyph.id, stands_for, current);
            if run.as_ref().is_some_and(|run| run.font != font) {
                self.items.extend(run.take().map(Item::Text));
            }
            let run = run.get_or_insert_with(|| TextRun {
                font,
                size_mm: mm(text.size),
                fill,
                transform,
                x_mm: mm(origin.x + pen),
                y_mm: mm(origin.y),
                text: String::new(),
                glyphs: Vec::new(),
                field: self.open_fields.last().cloned(),
            });
            run.text.push_str(stands_for);
            run.glyphs.push(Glyph {
                id: glyph.id,
                advance_mm: mm(glyph.x_advance.at(text.size)),
                x_offset_mm: mm(glyph.x_offset.at(text.size)),
                y_offset_mm: mm(-glyph.y_offset.at(text.size)),
                text: stands_for.to_owned(),
            });
            pen += glyph.x_advance.at(text.size);
        }
        self.items.extend(run.map(Item::Text));
        Ok(())
    }

    fn missing_glyph(&self, cluster: &str) -> LayoutError {
        LayoutError::MissingGlyph {
            ch: cluster.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER),
            field: self.open_fields.last().cloned(),
            page: Some(self.pages.len()),
        }
    }

    fn shape(&mut self, here: Transform, shape: &Shape) -> Result<(), LayoutError> {
        let fill = shape.fill.as_ref().map(|paint| self.paint(paint)).transpose()?;
        let stroke = shape
            .stroke
            .as_ref()
            .map(|stroke| self.stroke(here, stroke))
            .transpose()?;
        if fill.is_none() && stroke.is_none() {
            return Ok(());
        }
        let commands = outline(here, &shape.geometry);
        let even_odd = shape.fill_rule == FillRule::EvenOdd;
        self.items.push(Item::Path(PathShape {
            commands,
            fill,
            even_odd,
            stroke,
        }));
        Ok(())
    }

    fn stroke(&self, here: Transform, stroke: &FixedStroke) -> Result<Stroke, LayoutError> {
        let area = here.sx.get() * here.sy.get() - here.kx.get() * here.ky.get();
        let scale = area.abs().sqrt();
        let scaled = |length: Abs| mm(length * scale);
        Ok(Stroke {
            color: self.paint(&stroke.paint)?,
            width_mm: scaled(stroke.thickness),
            cap: match stroke.cap {
                typst::visualize::LineCap::Butt => LineCap::Butt,
                typst::visualize::LineCap::Round => LineCap::Round,
                typst::visualize::LineCap::Square => LineCap::Square,
            },
            join: match stroke.join {
                typst::visualize::LineJoin::Miter => LineJoin::Miter,
                typst::visualize::LineJoin::Round => LineJoin::Round,
                typst::visualize::LineJoin::Bevel => LineJoin::Bevel,
            },
            dash_mm: stroke
                .dash
                .iter()
                .flat_map(|dash| &dash.array)
                .map(|&length| scaled(length))
                .collect(),
            dash_offset_mm: stroke.dash.as_ref().map_or(0.0, |dash| scaled(dash.phase)),
            miter_limit: stroke.miter_limit.get(),
        })
    }

    fn image(&mut self, here: Transform, image: &Image, size: Size) -> Result<(), LayoutError> {
        let ImageKind::Raster(raster) = image.kind() else {
            return Err(self.unsupported(Feature::VectorImage));
        };
        let (format, data) = match raster.format() {
            RasterFormat::Exchange(ExchangeFormat::Png) => (ImageFormat::Png, raster.data().to_vec()),
            RasterFormat::Exchange(ExchangeFormat::Jpg) if raster.exif_rotation().is_none_or(|turn| turn == 1) => {
                (ImageFormat::Jpeg, raster.data().to_vec())
            }
            RasterFormat::Exchange(ExchangeFormat::Jpg) => {
                // Only some readers honour the Exif orientation: the turned pixels are stored instead.
                let upright = raster.dynamic().to_rgb8();
                (
                    ImageFormat::Png,
                    crate::export::encode_rgb(upright.as_raw(), raster.width(), raster.height())?,
                )
            }
            _ => return Err(self.unsupported(Feature::VectorImage)),
        };
        let (transform, origin) = placed(here);
        self.items.push(Item::Image(Picture {
            format,
            data,
            pixel_width: raster.width(),
            pixel_height: raster.height(),
            x_mm: mm(origin.x),
            y_mm: mm(origin.y),
            width_mm: mm(size.x),
            height_mm: mm(size.y),
            transform,
            field: self.open_fields.last().cloned(),
        }));
        Ok(())
    }

    fn paint(&self, paint: &Paint) -> Result<Rgba, LayoutError> {
        match paint {
            Paint::Solid(color) => Ok(color.to_vec4_u8()),
            Paint::Gradient(_) | Paint::Tiling(_) => Err(self.unsupported(Feature::GradientOrTiling)),
        }
    }

    fn unsupported(&self, feature: Feature) -> LayoutError {
        LayoutError::Unsupported {
            feature,
            page: self.pages.len(),
        }
    }
}

fn outline(here: Transform, geometry: &Geometry) -> Vec<PathCommand> {
    let point = |x: Abs, y: Abs| {
        let point = Point::new(x, y).transform(here);
        (mm(point.x), mm(point.y))
    };
    let moved = |(x, y)| PathCommand::Move(x, y);
    let lined = |(x, y)| PathCommand::Line(x, y);
    let zero = Abs::zero();
    match geometry {
        Geometry::Line(end) => vec![moved(point(zero, zero)), lined(point(end.x, end.y))],
        Geometry::Rect(size) => vec![
            moved(point(zero, zero)),
            lined(point(size.x, zero)),
            lined(point(size.x, size.y)),
            lined(point(zero, size.y)),
            PathCommand::Close,
        ],
        Geometry::Curve(Curve(items)) => items
            .iter()
            .map(|item| match item {
                CurveItem::Move(to) => moved(point(to.x, to.y)),
                CurveItem::Line(to) => lined(point(to.x, to.y)),
                CurveItem::Cubic(first, second, to) => {
                    let ((x1, y1), (x2, y2)) = (point(first.x, first.y), point(second.x, second.y));
                    let (x, y) = point(to.x, to.y);
                    PathCommand::Cubic(x1, y1, x2, y2, x, y)
                }
                CurveItem::Close => PathCommand::Close,
            })
            .collect(),
    }
}

/// Text and images keep their own upright coordinates unless they are turned, scaled or skewed.
fn placed(here: Transform) -> (Affine, Point) {
    if here.is_only_translate() {
        return (IDENTITY, Point::new(here.tx, here.ty));
    }
    let linear = [here.sx, here.ky, here.kx, here.sy].map(|ratio| tidy(ratio.get(), 1e9));
    let [a, b, c, d] = linear;
    ([a, b, c, d, mm(here.tx), mm(here.ty)], Point::zero())
}

/// A clip matters only when something reaches outside of it; only upright boxes are known to hold their frame.
fn clip_cuts(clip: &Curve, frame: &Frame) -> bool {
    let bounds = clip.bbox(None);
    let tolerance = Abs::pt(0.01);
    let inside = |point: Point| {
        point.x >= bounds.min.x - tolerance
            && point.y >= bounds.min.y - tolerance
            && point.x <= bounds.max.x + tolerance
            && point.y <= bounds.max.y + tolerance
    };
    let is_box = clip.0.iter().all(|item| !matches!(item, CurveItem::Cubic(..)));
    !is_box
        || frame.items().any(|(position, item)| {
            let size = match item {
                FrameItem::Image(_, size, _) => *size,
                FrameItem::Group(group) => group.frame.size(),
                FrameItem::Text(text) => Size::new(text.width(), Abs::zero()),
                FrameItem::Shape(shape, _) => shape.bbox(true).max.to_size(),
                FrameItem::Link(..) | FrameItem::Tag(_) => return false,
            };
            !inside(*position) || !inside(*position + size.to_point())
        })
}

/// Millimetres to a tenth of a micrometre: finer than any printer, and the same text on every machine.
fn mm(length: Abs) -> f64 {
    tidy(length.to_mm(), 1e4)
}

fn tidy(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps + 0.0
}
