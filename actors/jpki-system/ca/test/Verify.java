/** What the certification path validation of Java (RFC 5280 §6) says of certificates: one line each, for verifiers.test.ts. */
import java.io.FileInputStream;
import java.security.cert.*;
import java.time.Instant;
import java.util.*;

public class Verify {
    /** Arguments by pairs: "ca" and a file; "lists" and the file of the list that counts from now on; a time and the certificate to judge. */
    public static void main(String[] arguments) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        Set<TrustAnchor> anchors = new HashSet<>();
        List<CRL> lists = new ArrayList<>();
        for (int i = 0; i < arguments.length; i += 2) {
            String word = arguments[i];
            String file = arguments[i + 1];
            if (word.equals("ca")) {
                anchors.add(new TrustAnchor((X509Certificate) read(factory, file), null));
            } else if (word.equals("lists")) {
                lists.clear();
                try (FileInputStream in = new FileInputStream(file)) {
                    lists.add(factory.generateCRL(in));
                }
            } else {
                System.out.println(verdict(read(factory, file), anchors, lists, Instant.parse(word)));
            }
        }
    }

    static Certificate read(CertificateFactory factory, String file) throws Exception {
        try (FileInputStream in = new FileInputStream(file)) {
            return factory.generateCertificate(in);
        }
    }

    static String verdict(Certificate certificate, Set<TrustAnchor> anchors, List<CRL> lists, Instant at) throws Exception {
        X509CertSelector target = new X509CertSelector();
        target.setCertificate((X509Certificate) certificate);
        PKIXBuilderParameters terms = new PKIXBuilderParameters(anchors, target);
        terms.setDate(Date.from(at));
        terms.setRevocationEnabled(!lists.isEmpty());
        terms.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(lists)));
        terms.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(List.of(certificate))));
        try {
            CertPathBuilder.getInstance("PKIX").build(terms);
            return "good";
        } catch (CertPathBuilderException refusal) {
            Throwable cause = refusal;
            while (cause.getCause() != null) cause = cause.getCause();
            return "refused: " + cause.getClass().getSimpleName() + " " + cause.getMessage();
        }
    }
}
