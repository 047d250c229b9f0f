package cinnabar.interop;

/** What one peer said about one document, printed as one JSON object a line. */
record Outcome(String peer, String check, String file, boolean accepted, String detail) {

    String json() {
        return String.format("{\"peer\":%s,\"check\":%s,\"file\":%s,\"accepted\":%b,\"detail\":%s}",
                quote(peer), quote(check), quote(file), accepted, quote(detail));
    }

    static String reason(Throwable fault) {
        String text = fault.getMessage();
        return text == null ? fault.getClass().getSimpleName() : fault.getClass().getSimpleName() + ": " + text;
    }

    private static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                default -> out.append(c < 0x20 ? String.format("\\u%04x", (int) c) : String.valueOf(c));
            }
        }
        return out.append('"').toString();
    }
}
