package cinnabar.interop;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** A page as a picture, small enough that two renderers' pixels can be compared. */
final class Picture {
    private static final int WIDTH = 1000;
    /** Darker than this is ink; what is darker than FAINT may be the same ink, drawn thinner. */
    private static final int DARK = 130;
    private static final int FAINT = 205;
    private static final int TILE = 12;
    private static final int SPECK = 12;
    private static final double MOST = 0.8;

    private final BufferedImage pixels;

    private Picture(BufferedImage pixels) {
        this.pixels = pixels;
    }

    static Picture read(Path file) throws IOException {
        BufferedImage full = ImageIO.read(file.toFile());
        int height = Math.max(1, full.getHeight() * WIDTH / full.getWidth());
        // Halving first keeps thin strokes, which one big step would drop.
        while (full.getWidth() > 2 * WIDTH) {
            full = scaled(full, full.getWidth() / 2, full.getHeight() / 2);
        }
        return new Picture(scaled(full, WIDTH, height));
    }

    private static BufferedImage scaled(BufferedImage from, int width, int height) {
        BufferedImage to = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D canvas = to.createGraphics();
        canvas.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        canvas.drawImage(from, 0, 0, width, height, null);
        canvas.dispose();
        return to;
    }

    /** Per cent of the page that is red, as a seal is. */
    double red() {
        long red = 0;
        for (int y = 0; y < pixels.getHeight(); y++) {
            for (int x = 0; x < WIDTH; x++) {
                int rgb = pixels.getRGB(x, y);
                if ((rgb >> 16 & 255) > 150 && (rgb >> 8 & 255) < 110 && (rgb & 255) < 110) {
                    red++;
                }
            }
        }
        return 100.0 * red / ((double) WIDTH * pixels.getHeight());
    }

    /**
     * Per cent of the inked tiles that look alike. A tile is about a character wide, and alike when most dark pixels of
     * either picture have a dark one of the other within a pixel's distance. So a photograph weighs no more than a line.
     */
    double agreement(Picture other) {
        int height = Math.min(pixels.getHeight(), other.pixels.getHeight());
        int inked = 0;
        int alike = 0;
        for (int top = 1; top + TILE < height; top += TILE) {
            for (int left = 1; left + TILE < WIDTH; left += TILE) {
                int dark = 0;
                int met = 0;
                for (int y = top; y < top + TILE; y++) {
                    for (int x = left; x < left + TILE; x++) {
                        if (isDark(x, y)) {
                            dark++;
                            met += other.isDarkNear(x, y) ? 1 : 0;
                        }
                        if (other.isDark(x, y)) {
                            dark++;
                            met += isDarkNear(x, y) ? 1 : 0;
                        }
                    }
                }
                if (dark >= SPECK) {
                    inked++;
                    alike += met >= dark * MOST ? 1 : 0;
                }
            }
        }
        return inked == 0 ? 0 : 100.0 * alike / inked;
    }

    private boolean isDark(int x, int y) {
        return light(x, y) < DARK;
    }

    private boolean isDarkNear(int x, int y) {
        for (int dy = -1; dy <= 1; dy++) {
            for (int dx = -1; dx <= 1; dx++) {
                if (light(x + dx, y + dy) < FAINT) {
                    return true;
                }
            }
        }
        return false;
    }

    private int light(int x, int y) {
        int rgb = pixels.getRGB(x, y);
        return ((rgb >> 16 & 255) * 3 + (rgb >> 8 & 255) * 6 + (rgb & 255)) / 10;
    }
}
