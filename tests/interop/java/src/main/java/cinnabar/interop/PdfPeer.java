package cinnabar.interop;

import java.nio.file.Path;
import java.util.stream.Collectors;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.ValidationResult;

/** Asks veraPDF whether a file is PDF/A-2b. */
final class PdfPeer {
    private static final int RULES_SHOWN = 5;

    private PdfPeer() {}

    static Outcome archivable(Path file) {
        VeraGreenfieldFoundryProvider.initialise();
        String name = file.getFileName().toString();
        PDFAFlavour flavour = PDFAFlavour.PDFA_2_B;
        try (PDFAParser parser = Foundries.defaultInstance().createParser(file.toFile(), flavour);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            String detail = result.isCompliant()
                    ? "PDF/A-2b, " + result.getTotalAssertions() + " checks"
                    : result.getFailedChecks().entrySet().stream()
                            .limit(RULES_SHOWN)
                            .map(e -> "clause " + e.getKey().getClause() + "-" + e.getKey().getTestNumber() + " ×" + e.getValue())
                            .collect(Collectors.joining(", ", "not PDF/A-2b: ", ""));
            return new Outcome("veraPDF", "PDF/A-2b", name, result.isCompliant(), detail);
        } catch (Exception | LinkageError fault) {
            return new Outcome("veraPDF", "PDF/A-2b", name, false, Outcome.reason(fault));
        }
    }
}
