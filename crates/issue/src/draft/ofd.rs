//! Pages as an OFD package.

use cinnabar_layout::{Affine, Glyph, Item, Page, Pages, PathShape, Picture, TextRun};
use cinnabar_licence::Licence;
use cinnabar_ofd::write::{
    self, Document, FieldTag, Font, Image, ImageFormat, ImageObject, Object, PathCommand, PathObject, TextCode,
    TextObject,
};

use crate::{IssueError, allotment};

pub(super) fn write(licence: &Licence, pages: &Pages) -> Result<Vec<u8>, IssueError> {
    let document_id = allotment::document_id()?;
    let mut document = Document::new(&document_id, &super::title(licence), &licence.issued_on.to_string());
    document.custom_data = licence.metadata();
    for (id, font) in (0..).zip(&pages.fonts) {
        document.fonts.push(Font {
            id,
            name: font.name.clone(),
            family: font.family.clone(),
            data: font.data.clone(),
        });
    }
    let mut writer = Writer { document };
    for page in &pages.pages {
        writer.page(page);
    }
    Ok(write::build(&writer.document)?.bytes)
}

struct Writer {
    document: Document,
}

impl Writer {
    fn page(&mut self, page: &Page) {
        let number = self.document.pages.len();
        let mut objects = Vec::with_capacity(page.items.len());
        for item in &page.items {
            match item {
                Item::Text(run) => objects.extend(text(run).into_iter().map(Object::Text)),
                Item::Path(shape) => objects.push(Object::Path(path(shape))),
                Item::Image(picture) => {
                    if let Some(name) = &picture.field {
                        let object = objects.len();
                        self.document.field_tags.push(FieldTag {
                            name: name.clone(),
                            page: number,
                            object,
                        });
                    }
                    objects.push(Object::Image(self.image(picture)));
                }
                _ => {}
            }
        }
        let (width_mm, height_mm) = (page.width_mm, page.height_mm);
        self.document.pages.push(write::Page {
            width_mm,
            height_mm,
            objects,
        });
    }

    /// Places a picture; one that was used before is embedded once.
    fn image(&mut self, picture: &Picture) -> ImageObject {
        let images = &mut self.document.images;
        let known = images
            .iter()
            .find(|image| image.data == picture.data)
            .map(|image| image.id);
        let image = known.unwrap_or_else(|| {
            let id = images.last().map_or(0, |last| last.id + 1);
            let format = match picture.format {
                cinnabar_layout::ImageFormat::Png => ImageFormat::Png,
                cinnabar_layout::ImageFormat::Jpeg => ImageFormat::Jpeg,
            };
            images.push(Image {
                id,
                format,
                data: picture.data.clone(),
            });
            id
        });
        let boundary = [picture.x_mm, picture.y_mm, picture.width_mm, picture.height_mm];
        ImageObject {
            image,
            boundary,
            transform: unless_identity(picture.transform),
        }
    }
}

/// A run as text objects. Most are one object with one glyph a character; a cluster of several characters or glyphs
/// becomes an object of its own, because OFD assigns glyphs to characters by counting.
fn text(run: &TextRun) -> Vec<TextObject> {
    let clusters = clusters(run);
    let mut objects = Vec::new();
    let mut rest = clusters.as_slice();
    while let Some(first) = rest.first() {
        let plain = rest.iter().take_while(|cluster| cluster.is_plain()).count().max(1);
        let (now, later) = rest.split_at(plain);
        objects.push(object(run, first, now));
        rest = later;
    }
    objects
}

struct Cluster<'a> {
    text: String,
    glyphs: &'a [Glyph],
    x: f64,
    y: f64,
    end: f64,
}

impl Cluster<'_> {
    fn is_plain(&self) -> bool {
        self.glyphs.len() == 1 && self.text.chars().count() == 1
    }
}

fn clusters(run: &TextRun) -> Vec<Cluster<'_>> {
    let origins = run.origins();
    let pens: Vec<f64> = run
        .glyphs
        .iter()
        .scan(0.0, |pen, glyph| {
            *pen += glyph.advance_mm;
            Some(*pen)
        })
        .collect();
    let mut clusters: Vec<Cluster<'_>> = Vec::new();
    let mut start = 0;
    while start < run.glyphs.len() {
        let rest = run.glyphs.get(start + 1..).unwrap_or_default();
        let count = 1 + rest.iter().take_while(|glyph| glyph.text.is_empty()).count();
        let glyphs = run.glyphs.get(start..start + count).unwrap_or_default();
        let (x, y) = origins.get(start).copied().unwrap_or_default();
        let end = pens.get(start + count - 1).copied().unwrap_or_default();
        let text = glyphs.first().map(|glyph| glyph.text.clone()).unwrap_or_default();
        clusters.push(Cluster {
            text,
            glyphs,
            x,
            y,
            end,
        });
        start += count;
    }
    clusters
}

fn object(run: &TextRun, first: &Cluster<'_>, clusters: &[Cluster<'_>]) -> TextObject {
    let mut code = TextCode {
        text: String::new(),
        delta_x: Vec::new(),
        delta_y: Vec::new(),
    };
    let ends = clusters.iter().skip(1).map(|next| (next.x, next.y));
    for (cluster, (x, y)) in clusters
        .iter()
        .zip(ends.chain(clusters.last().map(|last| (last.end, last.y))))
    {
        let characters = cluster.text.chars().count().max(1);
        code.text.push_str(&cluster.text);
        // The step of a cluster of several characters falls on its last one.
        code.delta_x.extend(std::iter::repeat_n(0.0, characters - 1));
        code.delta_y.extend(std::iter::repeat_n(0.0, characters - 1));
        code.delta_x.push(x - cluster.x);
        code.delta_y.push(y - cluster.y);
    }
    if code.delta_y.iter().all(|step| *step == 0.0) {
        code.delta_y.clear();
    }
    TextObject {
        font: u32::try_from(run.font).unwrap_or(u32::MAX),
        size_mm: run.size_mm,
        fill: run.fill,
        transform: unless_identity(run.transform),
        x: run.x_mm + first.x,
        y: run.y_mm + first.y,
        codes: vec![code],
        glyphs: clusters
            .iter()
            .flat_map(|cluster| cluster.glyphs)
            .map(|glyph| glyph.id)
            .collect(),
        name: run.field.clone(),
    }
}

fn path(shape: &PathShape) -> PathObject {
    use cinnabar_layout::PathCommand as From;
    let commands = shape.commands.iter().map(|command| match *command {
        From::Move(x, y) => PathCommand::M(x, y),
        From::Line(x, y) => PathCommand::L(x, y),
        From::Cubic(a, b, c, d, x, y) => PathCommand::B(a, b, c, d, x, y),
        From::Close => PathCommand::C,
    });
    let stroke = shape.stroke.as_ref();
    PathObject {
        commands: commands.collect(),
        fill: shape.fill,
        stroke: stroke.map(|stroke| stroke.color),
        line_width: stroke.map_or(0.0, |stroke| stroke.width_mm),
        transform: None,
        dash: stroke.map(|stroke| stroke.dash_mm.clone()).unwrap_or_default(),
        even_odd: shape.even_odd,
    }
}

fn unless_identity(transform: Affine) -> Option<Affine> {
    (transform != [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]).then_some(transform)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn glyph(id: u16, text: &str) -> Glyph {
        Glyph {
            id,
            advance_mm: 2.0,
            x_offset_mm: 0.0,
            y_offset_mm: 0.0,
            text: text.to_owned(),
        }
    }

    fn run(glyphs: Vec<Glyph>) -> TextRun {
        TextRun {
            font: 0,
            size_mm: 4.0,
            fill: [0, 0, 0, 255],
            transform: [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
            x_mm: 10.0,
            y_mm: 20.0,
            text: glyphs.iter().map(|glyph| glyph.text.as_str()).collect(),
            glyphs,
            field: Some("name".into()),
        }
    }

    #[test]
    fn a_run_of_single_characters_is_one_object_that_keeps_every_step() {
        let objects = text(&run(vec![glyph(1, "朱"), glyph(2, "砂")]));
        let [object] = objects.as_slice() else {
            panic!("one object")
        };
        assert_eq!(object.codes[0].text, "朱砂");
        assert_eq!(object.codes[0].delta_x, [2.0, 2.0]);
        assert_eq!((object.glyphs.as_slice(), object.transform), (&[1, 2][..], None));
    }

    #[test]
    fn a_cluster_of_several_glyphs_stands_alone_and_the_rest_keeps_its_place() {
        let objects = text(&run(vec![
            glyph(1, "a"),
            glyph(2, "e\u{301}"),
            glyph(3, ""),
            glyph(4, "b"),
        ]));
        let places: Vec<(f64, &str, usize)> = objects
            .iter()
            .map(|object| (object.x, object.codes[0].text.as_str(), object.glyphs.len()))
            .collect();
        assert_eq!(places, [(10.0, "a", 1), (12.0, "e\u{301}", 2), (16.0, "b", 1)]);
    }
}
