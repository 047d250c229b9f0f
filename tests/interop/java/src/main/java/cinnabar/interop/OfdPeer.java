package cinnabar.interop;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.ofdrw.converter.export.ImageExporter;
import org.ofdrw.converter.font.TrueTypeFont;
import org.ofdrw.reader.OFDReader;
import org.ofdrw.sign.verify.OFDValidator;
import org.ofdrw.sign.verify.container.SESV4ValidateContainer;

/** Asks ofdrw: does the seal signature hold, can the fonts be read, and does every page show its face and its seal. */
final class OfdPeer {
    private static final double PIXELS_PER_MM = 8;
    private static final double RED_NEEDED = 0.05;
    /** Poppler's drawing of our PDF agrees with the preview on 99 % and more, a page in a wrong font on 80 % at best. */
    private static final double AGREEMENT_NEEDED = 95;

    private OfdPeer() {}

    static Outcome signature(Path file) {
        try (OFDReader reader = new OFDReader(file); OFDValidator validator = new OFDValidator(reader)) {
            validator.setValidator(new SESV4ValidateContainer());
            validator.exeValidate();
            return outcome("signature", file, true, "SES V4 signature and every reference accepted");
        } catch (Exception | LinkageError fault) {
            return outcome("signature", file, false, Outcome.reason(fault));
        }
    }

    /** Draws every page, and compares it with our own preview of it where one lies beside the document. */
    static Outcome rendering(Path file, Path pictures) {
        try {
            Path folder = Files.createDirectories(pictures.resolve(file.getFileName() + ".pages"));
            List<Path> pages;
            try (ImageExporter exporter = new ImageExporter(file, folder, "PNG", PIXELS_PER_MM)) {
                exporter.export();
                pages = exporter.getImgFilePaths();
            }
            List<String> said = new ArrayList<>();
            boolean sealShown = false;
            boolean alike = true;
            for (int i = 0; i < pages.size(); i++) {
                Picture drawn = Picture.read(pages.get(i));
                sealShown |= drawn.red() > RED_NEEDED;
                Path ours = preview(file, i + 1, pages.size());
                if (Files.exists(ours)) {
                    double agreement = drawn.agreement(Picture.read(ours));
                    alike &= agreement >= AGREEMENT_NEEDED;
                    said.add(String.format("page %d: %.0f %% of the inked tiles as in our preview", i + 1, agreement));
                } else {
                    said.add("page " + (i + 1) + ": drawn, no preview to compare with");
                }
            }
            if (!sealShown) {
                said.add("no red seal in sight");
            }
            return outcome("rendering", file, !pages.isEmpty() && sealShown && alike, String.join("; ", said));
        } catch (Exception | LinkageError fault) {
            return outcome("rendering", file, false, Outcome.reason(fault));
        }
    }

    /** Reads every embedded font alone: where one fails, ofdrw would draw other glyphs without a word. */
    static Outcome fonts(Path file) {
        int read = 0;
        try (ZipFile archive = new ZipFile(file.toFile())) {
            for (ZipEntry entry : archive.stream().filter(OfdPeer::isFont).toList()) {
                try (InputStream font = archive.getInputStream(entry)) {
                    new TrueTypeFont().parse(font);
                    read++;
                } catch (Exception | LinkageError fault) {
                    return outcome("fonts", file, false, entry.getName() + ": " + Outcome.reason(fault));
                }
            }
            return outcome("fonts", file, read > 0, read + " embedded font(s) read");
        } catch (IOException fault) {
            return outcome("fonts", file, false, Outcome.reason(fault));
        }
    }

    private static boolean isFont(ZipEntry entry) {
        return entry.getName().matches("(?i).*\\.(otf|ttf|cff|pfb)");
    }

    private static Path preview(Path file, int page, int pages) {
        String stem = file.getFileName().toString().replaceFirst("\\.ofd$", "");
        return file.resolveSibling(pages == 1 ? stem + ".png" : stem + "-" + page + ".png");
    }

    private static Outcome outcome(String check, Path file, boolean accepted, String detail) {
        return new Outcome("ofdrw", check, file.getFileName().toString(), accepted, detail);
    }
}
