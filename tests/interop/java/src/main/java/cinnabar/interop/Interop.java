package cinnabar.interop;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Usage: {@code Interop PICTURES FILE…}; a JSON line for each check, pictures of OFD pages below PICTURES. */
public final class Interop {
    private Interop() {}

    public static void main(String[] arguments) {
        // Libraries print to standard output; only outcomes may go there.
        PrintStream lines = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        System.setProperty("java.awt.headless", "true");
        Path pictures = Path.of(arguments[0]);
        for (int i = 1; i < arguments.length; i++) {
            Path file = Path.of(arguments[i]);
            if (file.toString().endsWith(".ofd")) {
                lines.println(OfdPeer.signature(file).json());
                lines.println(OfdPeer.fonts(file).json());
                lines.println(OfdPeer.rendering(file, pictures).json());
            } else {
                lines.println(PdfPeer.archivable(file).json());
            }
        }
        System.exit(0);
    }
}
