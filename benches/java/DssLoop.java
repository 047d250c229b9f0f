import com.sun.management.OperatingSystemMXBean;
import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Keeps EU DSS warm. Usage: {@code DssLoop ROOT CRL,CRL… SECONDS FILE…} warms up on the files for so long, says {@code ready}, then answers
 * as OfdrwLoop does. It fetches nothing: the root is its only trust, the lists its only evidence.
 */
public final class DssLoop {
    private static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final CommonCertificateVerifier VERIFIER = new CommonCertificateVerifier(true);

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        trusted.addCertificate(DSSUtils.loadCertificate(new File(arguments[0])));
        VERIFIER.setTrustedCertSources(trusted);
        InputStream[] lists = Arrays.stream(arguments[1].split(",")).map(DssLoop::read).toArray(InputStream[]::new);
        VERIFIER.setCrlSource(new ExternalResourcesCRLSource(lists));
        long end = System.nanoTime() + Long.parseLong(arguments[2]) * 1_000_000_000L;
        do {
            for (int i = 3; i < arguments.length && System.nanoTime() < end; i++) {
                check(arguments[i]);
            }
        } while (System.nanoTime() < end);
        answers.println("ready");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] fields = line.split("\t");
            answers.println(fields[0].equals("check") ? check(fields[1]) : round(fields));
        }
        System.exit(0);
    }

    private static InputStream read(String file) {
        try {
            return new FileInputStream(file);
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }

    /** CPU time of the whole process, so that collecting garbage counts. */
    private static String round(String[] fields) {
        long start = SYSTEM.getProcessCpuTime();
        boolean good = true;
        for (int i = 1; i < fields.length; i++) {
            good &= check(fields[i]).equals("accepted");
        }
        return good ? String.valueOf((SYSTEM.getProcessCpuTime() - start) / 1e9) : "refused";
    }

    private static String check(String file) {
        try {
            PDFDocumentValidator validator = new PDFDocumentValidator(new FileDocument(file));
            validator.setCertificateVerifier(VERIFIER);
            Reports reports = validator.validateDocument();
            SimpleReport report = reports.getSimpleReport();
            for (String id : report.getSignatureIdList()) {
                if (report.getIndication(id) != Indication.TOTAL_PASSED) {
                    return "refused " + report.getIndication(id) + " " + report.getSubIndication(id);
                }
            }
            return report.getSignatureIdList().isEmpty() ? "refused unsigned" : "accepted";
        } catch (Exception | LinkageError fault) {
            return "refused " + fault;
        }
    }
}
