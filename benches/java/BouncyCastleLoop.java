import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.bouncycastle.asn1.gm.GMNamedCurves;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SM3Digest;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.SM2Signer;

/**
 * Keeps BouncyCastle warm and answers benches/bench.py as bench-kernels does. Usage: {@code BouncyCastleLoop SECONDS VECTORS}: warms
 * up for so long.
 */
public final class BouncyCastleLoop {
    private static final long SAMPLE = 2_000_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private record Row(double units, BooleanSupplier run, BooleanSupplier refuses) {}

    /** A signature, its message, and a signer that was given the key, and so computed Z, beforehand. */
    private record Signed(SM2Signer signer, byte[] message, byte[] der) {
        boolean verify(byte[] message, byte[] der) {
            signer.update(message, 0, message.length);
            return signer.verifySignature(der);
        }
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Map<String, Row> rows = rows(read(Path.of(arguments[1])));
        long each = Long.parseLong(arguments[0]) * 1_000_000_000L / rows.size();
        for (Row row : rows.values()) {
            fastest(row, each);
        }
        answers.println("ready");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            answers.println(answer(rows, line.split("\t")));
        }
    }

    private static String answer(Map<String, Row> rows, String[] fields) {
        if (fields[0].equals("rows")) {
            return String.join("\t", rows.keySet());
        }
        Row row = rows.get(fields[1]);
        if (row == null) {
            return "not run: no such row";
        }
        return switch (fields[0]) {
            case "check" -> !row.run.getAsBoolean() ? "wrong: refuses what is good" : !row.refuses.getAsBoolean() ? "wrong: accepts what is corrupted" : "ok";
            case "time" -> String.valueOf(fastest(row, Long.parseLong(fields[2]) * 1_000_000L));
            default -> "ok";
        };
    }

    private static double fastest(Row row, long allowed) {
        long began = System.nanoTime();
        double best = Double.POSITIVE_INFINITY;
        for (int runs = 1;; ) {
            long start = THREADS.getCurrentThreadCpuTime();
            for (int i = 0; i < runs; i++) {
                if (!row.run.getAsBoolean()) {
                    throw new IllegalStateException("a timed answer was wrong");
                }
            }
            long end = THREADS.getCurrentThreadCpuTime();
            best = Math.min(best, (end - start) / 1e9 / runs / row.units);
            if (System.nanoTime() - began >= allowed) {
                return best;
            }
            if (end - start < SAMPLE / 2) {
                runs *= 2;
            }
        }
    }

    private static Map<String, Row> rows(List<Signed> good) {
        Map<String, Row> rows = new LinkedHashMap<>();
        int[] next = {0};
        rows.put("sm2 verify/BouncyCastle", new Row(1, () -> {
            next[0] = (next[0] + 1) % good.size();
            Signed one = good.get(next[0]);
            return one.verify(one.message, one.der);
        }, () -> good.subList(0, 8).stream().noneMatch(one -> {
            byte[] message = one.message.clone();
            message[31] ^= 1;
            byte[] der = one.der.clone();
            der[der.length - 1] ^= 1;
            return one.verify(message, one.der) || one.verify(one.message, der);
        })));
        Map<String, Integer> sizes = new LinkedHashMap<>();
        sizes.put("1 KiB", 1 << 10);
        sizes.put("64 KiB", 64 << 10);
        sizes.put("1 MiB", 1 << 20);
        sizes.forEach((label, size) -> {
            byte[] message = new byte[size];
            byte[] digest = new byte[32];
            SM3Digest sm3 = new SM3Digest();
            rows.put("sm3 one stream, " + label + "/BouncyCastle", new Row(size, () -> {
                sm3.update(message, 0, message.length);
                return sm3.doFinal(digest, 0) == 32;
            }, () -> true));
        });
        return rows;
    }

    /** The signatures of the set "eight". */
    private static List<Signed> read(Path file) throws Exception {
        X9ECParameters curve = GMNamedCurves.getByName("sm2p256v1");
        ECDomainParameters domain = new ECDomainParameters(curve);
        Map<String, SM2Signer> signers = new HashMap<>();
        List<Signed> all = new ArrayList<>();
        HexFormat hex = HexFormat.of();
        for (String line : Files.readAllLines(file)) {
            String[] fields = line.split(" ");
            if (fields[0].equals("eight")) {
                SM2Signer signer = signers.computeIfAbsent(fields[1], key -> {
                    SM2Signer made = new SM2Signer();
                    made.init(false, new ECPublicKeyParameters(curve.getCurve().decodePoint(hex.parseHex(key)), domain));
                    return made;
                });
                all.add(new Signed(signer, hex.parseHex(fields[2]), hex.parseHex(fields[6])));
            }
        }
        return all;
    }
}
