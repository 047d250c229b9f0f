package cinnabar.interop;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.ofdrw.converter.export.ImageExporter;
import org.ofdrw.reader.OFDReader;
import org.ofdrw.sign.verify.OFDValidator;
import org.ofdrw.sign.verify.container.SESV4ValidateContainer;

/** Asks ofdrw: does the seal signature hold, and does every page show its face and its seal. */
final class OfdPeer {
    private static final double PIXELS_PER_MM = 8;

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

    static Outcome rendering(Path file, Path pictures) {
        try {
            Path folder = Files.createDirectories(pictures.resolve(file.getFileName() + ".pages"));
            List<Path> pages;
            try (ImageExporter exporter = new ImageExporter(file, folder, "PNG", PIXELS_PER_MM)) {
                exporter.export();
                pages = exporter.getImgFilePaths();
            }
            StringBuilder detail = new StringBuilder().append(pages.size()).append(" page(s)");
            boolean shown = !pages.isEmpty();
            boolean sealShown = false;
            for (Path page : pages) {
                Ink ink = Ink.of(ImageIO.read(page.toFile()));
                detail.append(String.format(", ink %.2f %% of which red %.2f %%", ink.any(), ink.red()));
                shown &= ink.any() > 0.1;
                sealShown |= ink.red() > 0.05;
            }
            if (!sealShown) {
                detail.append(", no red seal in sight");
            }
            return outcome("rendering", file, shown && sealShown, detail.toString());
        } catch (Exception | LinkageError fault) {
            return outcome("rendering", file, false, Outcome.reason(fault));
        }
    }

    private static Outcome outcome(String check, Path file, boolean accepted, String detail) {
        return new Outcome("ofdrw", check, file.getFileName().toString(), accepted, detail);
    }

    /** Shares of a picture, in per cent, that are not white, and that are red. */
    private record Ink(double any, double red) {
        static Ink of(BufferedImage picture) {
            long any = 0;
            long red = 0;
            for (int y = 0; y < picture.getHeight(); y++) {
                for (int x = 0; x < picture.getWidth(); x++) {
                    int rgb = picture.getRGB(x, y);
                    int r = rgb >> 16 & 255;
                    int g = rgb >> 8 & 255;
                    int b = rgb & 255;
                    if (r < 230 || g < 230 || b < 230) {
                        any++;
                    }
                    if (r > 150 && g < 110 && b < 110) {
                        red++;
                    }
                }
            }
            double all = (double) picture.getWidth() * picture.getHeight() / 100;
            return new Ink(any / all, red / all);
        }
    }
}
