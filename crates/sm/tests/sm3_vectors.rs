//! Digests that others published, each way of computing them: the standard's annex, and values that stand in the test
//! files of Botan and OpenSSL (`sm3.vec`, `evpmd_sm3.txt`; the latter from `draft-shen-sm2-ecdsa-02` and GmSSL).
#![allow(clippy::unwrap_used, missing_docs)]

use cinnabar_sm::sm3::{Lanes, Sm3, digest_many_on, digest_on};

/// Message and digest.
const VECTORS: &[(&str, &str)] = &[
    // GB/T 32905-2016, annex A, examples 1 and 2.
    (
        "616263",
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    ),
    (
        "61626364616263646162636461626364616263646162636461626364616263646162636461626364616263646162636461626364616263646162636461626364",
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
    ),
    // Botan, values of GmSSL.
    ("", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"),
    ("8f", "2b6173f01b9002cac00ec91c8b481867c2e35bf408bde154d62844da1b5b6e18"),
    (
        "74c2e33d49e8c2a5144e82edc04218f9",
        "ad2b435cda7615f0ac367aeca843a69189b665552233f4804439090f86f3009f",
    ),
    (
        "7878d676f80324f34328962ed7af16501061427ae273d8afbdec6cd114b049d9b890a3a23772836b34a0a112847ccf2fc01b928e69434d",
        "3134e59b83e42717f838ab39996b423d29d3610a8cc2ba4a9a6f12e08d5a6256",
    ),
    (
        "7fb4c6e63e9c4db639170f9757e2273c9b1986df897e4a4b278de99b6ede9b530f96ea7e7d54004e6b0f05f6e3fbe3aa62506949f73a1cdd",
        "be9be655ac18cb030f7ba6cb577d802431c36e16d890e9cd8601d5a0236aae77",
    ),
    (
        "1f240af659192ab6331eb872ee8ecc206b672f0d602ad663021f0146e1aee1124e7e35b2a0de9a591517fddb0333e19a56192e22bc4beb6ad5896ff626c5d5",
        "873a20b028bac043a2f6c66ce8c689b80c8d9a56b3e5576f711354e1394e88c3",
    ),
    (
        "55f25fa2a9c2a737daab7e5412042863dd5e80996722ea6c6ee8fe90bc0649189aaca31ec99936d5aec424b2d174b75221c03dd5d992d0acf07b4f69d2a13d0421",
        "091523695fac022b8b62428a07e2aa23e158b3ece5b71e8217aed2747a29ce27",
    ),
    // OpenSSL and Botan: the Z of a signer, and Z with a certificate's signed part.
    (
        "0090414c494345313233405941484f4f2e434f4d787968b4fa32c3fd2417842e73bbfeff2f3c848b6831d7e0ec65228b3937e49863e4c6d3b23b0c849cf84241484bfe48f61d59a5b16ba06e6e12d1da27c5249a421debd61b62eab6746434ebc3cc315e32220b3badd50bdc4c4e6c147fedd43d0680512bcbb42c07d47349d2153b70c4e5d7fdfcbfa36ea1a85841b9e46e09a20ae4c7798aa0f119471bee11825be46202bb79e2a5844495e97c04ff4df2548a7c0240f88f1cd4e16352a73c17b7f16f07353e53a176d684a9fe0c6bb798e857",
        "f4a38489e32b45b6f876e3ac2168ca392362dc8f23459c1d1146fc3dbfb7bc9a",
    ),
    (
        "4d38d2958ca7fd2cfae3af04486959cf92c8ef48e8b83a05c112e739d5f181d03082020ca003020102020900af28725d98d33143300c06082a811ccf550183750500307d310b300906035504060c02636e310b300906035504080c02626a310b300906035504070c02626a310f300d060355040a0c06746f70736563310f300d060355040b0c06746f707365633111300f06035504030c08546f707365634341311f301d06092a864886f70d0109010c10626a40746f707365632e636f6d2e636e301e170d3132303632343037353433395a170d3332303632303037353433395a307d310b300906035504060c02636e310b300906035504080c02626a310b300906035504070c02626a310f300d060355040a0c06746f70736563310f300d060355040b0c06746f707365633111300f06035504030c08546f707365634341311f301d06092a864886f70d0109010c10626a40746f707365632e636f6d2e636e3059301306072a8648ce3d020106082a811ccf5501822d03420004d69c2f1eec3bfb6b95b30c28085c77b125d77a9c39525d8190768f37d6b205b589dcd316bbe7d89a9dc21917f17799e698531f5e6e3e10bd31370b259c3f81c3a3733071300f0603551d130101ff040530030101ff301d0603551d0e041604148e5d90347858baaad870d8bdfba6a85e7b563b64301f0603551d230418301680148e5d90347858baaad870d8bdfba6a85e7b563b64300b0603551d0f040403020106301106096086480186f8420101040403020057",
        "c3b02e500a8b60b77dedcf6f4c11bef8d56e5cde708c72065654fd7b2167915a",
    ),
];

#[test]
fn published_digests_come_out_each_way() {
    for lanes in Lanes::available() {
        for (message, digest) in VECTORS {
            let message = hex::decode(message).unwrap();
            assert_eq!(hex::encode(digest_on(lanes, [&message[..]])), *digest, "{lanes:?}");
        }
        // Seventeen copies of each, so that every lane of every width meets every one.
        let decoded: Vec<Vec<u8>> = VECTORS.iter().map(|(m, _)| hex::decode(m).unwrap()).collect();
        let pieces: Vec<[&[u8]; 1]> = decoded.iter().map(|m| [&m[..]]).collect();
        let messages: Vec<&[&[u8]]> = (0..17).flat_map(|_| pieces.iter().map(|p| &p[..])).collect();
        for (digest, (_, expected)) in digest_many_on(lanes, &messages).iter().zip(VECTORS.iter().cycle()) {
            assert_eq!(hex::encode(digest), *expected, "{lanes:?}");
        }
    }
}

#[test]
fn a_million_times_a_comes_out_each_way() {
    // As OpenSSL 3.0.19 and the `sm3` crate give it.
    let expected = "c8aaf89429554029e231941a2acc0ad61ff2a5acd8fadd25847a3a732b3b02c3";
    let piece = [b'a'; 1000];
    let pieces = vec![&piece[..]; 1000];
    for lanes in Lanes::available() {
        let mut stream = Sm3::on(lanes);
        for piece in &pieces {
            stream.update(piece);
        }
        assert_eq!(hex::encode(stream.finalize()), expected, "{lanes:?}");
        for count in [1, 3, 9, 17] {
            for digest in digest_many_on(lanes, &vec![&pieces[..]; count]) {
                assert_eq!(hex::encode(digest), expected, "{lanes:?} {count}");
            }
        }
    }
}
