// Command sm2cms asks emmansun/gmsm about the SM2 signature of a PDF.
//
//	sm2cms CMS CONTENT ROOTS
//
// CMS is the DER SignedData, CONTENT the bytes of the ByteRange, ROOTS a PEM file of trusted roots ("" leaves the
// chain out). It prints one line and exits 0 when the signature, the digest and the chain are accepted.
package main

import (
	"fmt"
	"os"

	"github.com/emmansun/gmsm/pkcs7"
	"github.com/emmansun/gmsm/smx509"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Println("usage: sm2cms CMS CONTENT ROOTS")
		os.Exit(2)
	}
	said, err := check(os.Args[1], os.Args[2], os.Args[3])
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(said)
}

func check(cmsFile, contentFile, rootsFile string) (string, error) {
	cms, err := os.ReadFile(cmsFile)
	if err != nil {
		return "", err
	}
	signed, err := pkcs7.Parse(cms)
	if err != nil {
		return "", fmt.Errorf("unreadable SignedData: %w", err)
	}
	if signed.Content, err = os.ReadFile(contentFile); err != nil {
		return "", err
	}
	for i := range signed.Signers {
		// gmsm knows this algorithm in a SignerInfo only by its GB/T 35275 name; RFC 5652 files carry the other one.
		if signed.Signers[i].DigestEncryptionAlgorithm.Algorithm.Equal(pkcs7.OIDDigestAlgorithmSM2SM3) {
			signed.Signers[i].DigestEncryptionAlgorithm.Algorithm = pkcs7.OIDDigestEncryptionAlgorithmSM2
		}
	}
	var roots *smx509.CertPool
	if rootsFile != "" {
		pem, err := os.ReadFile(rootsFile)
		if err != nil {
			return "", err
		}
		roots = smx509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return "", fmt.Errorf("no certificate in %s", rootsFile)
		}
	}
	if err := signed.VerifyWithChain(roots); err != nil {
		return "", err
	}
	if roots == nil {
		return "SM2 signature and digest accepted", nil
	}
	return "SM2 signature, digest and chain accepted", nil
}
