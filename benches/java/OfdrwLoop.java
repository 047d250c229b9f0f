import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.ofdrw.reader.OFDReader;
import org.ofdrw.sign.verify.OFDValidator;
import org.ofdrw.sign.verify.container.SESV4ValidateContainer;

/**
 * Keeps ofdrw warm. Usage: {@code OfdrwLoop SECONDS FILE…} warms up on the files for so long, says {@code ready}, then answers
 * {@code check FILE} and {@code round FILE…} (fields parted by tabs) as pyhanko_loop.py does.
 */
public final class OfdrwLoop {
    private static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        long end = System.nanoTime() + Long.parseLong(arguments[0]) * 1_000_000_000L;
        do {
            for (int i = 1; i < arguments.length && System.nanoTime() < end; i++) {
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
        try (OFDReader reader = new OFDReader(Path.of(file)); OFDValidator validator = new OFDValidator(reader)) {
            validator.setValidator(new SESV4ValidateContainer());
            validator.exeValidate();
            return "accepted";
        } catch (Exception | LinkageError fault) {
            return "refused " + fault.getClass().getSimpleName();
        }
    }
}
