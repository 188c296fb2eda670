//! RSA as the tests' apps need it: two fixed pairs of keys, and signatures by them. The product only checks such
//! signatures, so that the private side is written out here.

use sha2::{Digest, Sha256};

/// The digits of 2,048 bits, the least first.
type Number = [u64; 32];

/// A pair of keys.
pub(crate) struct KeyPair {
    /// The public one, as people hand it over.
    pub(crate) pem: &'static str,
    modulus: &'static str,
    exponent: &'static str,
}

/// The tests' apps' own.
pub(crate) const OWN: KeyPair = KeyPair {
    pem: "-----BEGIN PUBLIC KEY-----\n\
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsbfbvijo4uc4s0THJOrd\n\
XT+u/oPN/4omFa+Byx7X7EutxozDhbqXd1Khv0Ghu6cowcfCQBOc1h4VdKp0Dul6\n\
HOw/px+xzP1hA1rx3GZaUlfdRf+k7MEc10OhUYf/pkprvjXLoEsEiBJ8Sn3pfAQ4\n\
cQsAWc42p8hl2wb1QVTOflr3yyxxNOV5CCv5EHTolavesr43XJETnxVFqyTT69Pe\n\
a7IzjSsRj91PberINbiSn3dsPsE1HWj1L0fGYp+Ny5xduvSi1wZnUuuGZtyiWJFX\n\
1aHS9xwB14zQ+9wy85xWDND17M0OystJcW7+cugw2bAfOFnXLPprS3xIQjBFuA01\n\
SwIDAQAB\n\
-----END PUBLIC KEY-----\n",
    modulus: "b1b7dbbe28e8e2e738b344c724eadd5d3faefe83cdff8a2615af81cb1ed7ec4badc68cc385ba977752a1bf41\
        a1bba728c1c7c240139cd61e1574aa740ee97a1cec3fa71fb1ccfd61035af1dc665a5257dd45ffa4ecc11cd7\
        43a15187ffa64a6bbe35cba04b0488127c4a7de97c0438710b0059ce36a7c865db06f54154ce7e5af7cb2c71\
        34e579082bf91074e895abdeb2be375c91139f1545ab24d3ebd3de6bb2338d2b118fdd4f6deac835b8929f77\
        6c3ec1351d68f52f47c6629f8dcb9c5dbaf4a2d7066752eb8666dca2589157d5a1d2f71c01d78cd0fbdc32f3\
        9c560cd0f5eccd0ecacb49716efe72e830d9b01f3859d72cfa6b4b7c48423045b80d354b",
    exponent: "392d3b00822ef3198b0f7a184c135826f11f3ef96ee441312196f6be3fed1e33f6f3c344009958b3e61cede8\
        92bd49f97de6e3e333ac28e342e9e71131df020f9e1e988944edfbb3239e35e43ff5dd3a31919cbf1600c763\
        a679973e970c8c32ffde54e5fc5cb7dea2a860bc26cf40cd75c9a61b075091d3db54f0c11524de57a2cdc921\
        985f986e57bb312ec03f8f33f60b13aeeba1e4fa1d008521670114d6df106f6b944523bbbb37b5a56b4c1082\
        83b394dfaed8846fa967d981d9d0d6fc3b39f9141bf77582b72578b153519800769c96ff826ee7d0787a809a\
        8f50b9bdddc3cd27dfea22c6aedcf023768cf0dfc11da520237a39a53ec2bd0394bfcb41",
};

/// Somebody else's.
pub(crate) const FOREIGN: KeyPair = KeyPair {
    pem: "-----BEGIN PUBLIC KEY-----\n\
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsEv7lIgq3sU/TnigGXHy\n\
ZFVUh+5hkR3FRfrBLN8uW6oHnJUa7bHMyH4szRK3UxrYrlnzX9sHPR2Qxq4tiKz/\n\
kuGaSxR3SaMufqq7UpLjiNkx4e6yhpmIZ1+p69ixlWqf9vTNrJODRnolmSpDluz4\n\
hMTfy/GznLm7gnBIAYrGmP22CLyemCrfMlGqnRBfC5MuFvRvjmtvzz2GbzExKxGH\n\
pAqrNzPzXjFIhFKjlukrZbltA+JXnooGKWxd1M8etdyRRcVHUu9RBkX7WByQztQ3\n\
9aaJ9kwnTayyK1KVVAInZh9F717NKu5PN9QwYTXkXOOLGVjl9V3GxsMOZzGjUTR9\n\
NwIDAQAB\n\
-----END PUBLIC KEY-----\n",
    modulus: "b04bfb94882adec53f4e78a01971f264555487ee61911dc545fac12cdf2e5baa079c951aedb1ccc87e2ccd12\
        b7531ad8ae59f35fdb073d1d90c6ae2d88acff92e19a4b147749a32e7eaabb5292e388d931e1eeb286998867\
        5fa9ebd8b1956a9ff6f4cdac9383467a25992a4396ecf884c4dfcbf1b39cb9bb827048018ac698fdb608bc9e\
        982adf3251aa9d105f0b932e16f46f8e6b6fcf3d866f31312b1187a40aab3733f35e31488452a396e92b65b9\
        6d03e2579e8a06296c5dd4cf1eb5dc9145c54752ef510645fb581c90ced437f5a689f64c274dacb22b529554\
        0227661f45ef5ecd2aee4f37d4306135e45ce38b1958e5f55dc6c6c30e6731a351347d37",
    exponent: "1da7aa5a01cdb44b59aac97fa4c8160dea8c9d90ebb88d5971bc0c628fe82c631d84a9502e4b8a36ef8279bc\
        7c39ee7a2459dd2672a1751654141798713528887c8a87b6999a3968c8c5cf5cc478a1bc6737a9ff3dc4f5bc\
        edca97718beda651e228abb02be0192ad2c840e3bdaf7ede567f8ebec987c376572aabf21675f1a5f3fd9839\
        5c2a350702c3537665e126c2a439bdaa8961e6320c3c0407d16a029f2c0ee3337daf6098b6d67ab35d074659\
        b7bd1e62c65ca7d1761cbc8fe9ed69208156384534b1d90a8242d891a6681e6a3a547af2eb29910c5e6c2670\
        e491afbea1cc86f906f4ca967c37e7f04bf220bbadf6b490a6e6ad4c33679ba445a76e81",
};

/// A public key of 1,024 bits.
pub(crate) const SHORT_PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCz2Nt8bdsKstkCRdMXYAqJp/zK\n\
DjtlSMfnac2vNEo60nFnQc/wD9kBQXW9ShOdC64/oAnJ5FccrFcDQoE87kICx9Km\n\
y1bR3mV6TPDNceYl4OlPx5WqBxx5BkzxK6wnDJHjLBgUGcY4/9tm9eOKaYjJrcOk\n\
pxAHEXQ38N1WdbSZPQIDAQAB\n\
-----END PUBLIC KEY-----\n";

/// A public key that is none of RSA.
pub(crate) const CURVE_PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/afUBfSS/PqTFHlFialTk0cZCai9\n\
YZfH4ND8WSoGQmZPqXqHoGJJsNs0927G1CEi8cembtsTh+toWBSmcj4+yA==\n\
-----END PUBLIC KEY-----\n";

/// What stands before the digest in a signature: that it is one by SHA-256.
const BY_SHA256: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];

impl KeyPair {
    /// The signature of a text: RSASSA-PKCS1-v1_5 with SHA-256.
    ///
    /// Source: RFC 8017, 8.2.
    pub(crate) fn sign(&self, text: &[u8]) -> Vec<u8> {
        let mut padded = vec![0, 1];
        padded.resize(256 - 1 - BY_SHA256.len() - 32, 0xff);
        padded.push(0);
        padded.extend(BY_SHA256);
        padded.extend(Sha256::digest(text));
        let power = power(number(&padded), number(&digits(self.exponent)), &number(&digits(self.modulus)));
        power.iter().rev().flat_map(|digit| digit.to_be_bytes()).collect()
    }
}

fn digits(hex: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal digits");
    (0..hex.len()).step_by(2).map(digit).collect()
}

fn number(bytes: &[u8]) -> Number {
    let mut digits = bytes.rchunks(8).map(|digit| u64::from_be_bytes(digit.try_into().expect("256 bytes")));
    std::array::from_fn(|_| digits.next().expect("256 bytes"))
}

/// `base` to the power of `exponent`, modulo `modulus`, by Montgomery's method.
fn power(base: Number, exponent: Number, modulus: &Number) -> Number {
    let inverse = (0..6).fold(1, |x: u64, _| x.wrapping_mul(2_u64.wrapping_sub(modulus[0].wrapping_mul(x))));
    let times = |a: &Number, b: &Number| times(a, b, modulus, inverse.wrapping_neg());
    let mut one = [0; 32];
    one[0] = 1;
    let shifted = |number: Number| (0..2_048).fold(number, |number, _| doubled(number, modulus));
    let (one, base) = (shifted(one), shifted(base));
    let mut power = one;
    for bit in (0..2_048).rev() {
        power = times(&power, &power);
        if exponent[bit / 64] >> (bit % 64) & 1 == 1 {
            power = times(&power, &base);
        }
    }
    let mut plain = [0; 32];
    plain[0] = 1;
    times(&power, &plain)
}

/// The product of two numbers, modulo `modulus`, over two to the power of 2,048.
fn times(a: &Number, b: &Number, modulus: &Number, negated: u64) -> Number {
    let mut sum = [0_u64; 34];
    for digit in b {
        let over = add_product(&mut sum, a, *digit);
        let (low, carry) = sum[32].overflowing_add(over);
        (sum[32], sum[33]) = (low, u64::from(carry));
        let multiple = sum[0].wrapping_mul(negated);
        let over = add_product(&mut sum, modulus, multiple);
        let (low, carry) = sum[32].overflowing_add(over);
        (sum[32], sum[33]) = (low, sum[33] + u64::from(carry));
        sum.copy_within(1.., 0);
        sum[33] = 0;
    }
    let number = sum[..32].try_into().expect("32 digits");
    if sum[32] > 0 { less(&number, modulus).0 } else { reduced(number, modulus) }
}

/// Adds `number` times `digit`; what goes beyond its digits.
fn add_product(sum: &mut [u64; 34], number: &Number, digit: u64) -> u64 {
    let mut carry = 0;
    for (place, other) in sum.iter_mut().zip(number) {
        let wide = u128::from(*place) + u128::from(*other) * u128::from(digit) + u128::from(carry);
        (*place, carry) = halves(wide);
    }
    carry
}

fn halves(wide: u128) -> (u64, u64) {
    (
        u64::try_from(wide & u128::from(u64::MAX)).expect("64 bits"),
        u64::try_from(wide >> 64).expect("64 bits"),
    )
}

fn doubled(number: Number, modulus: &Number) -> Number {
    let twice = std::array::from_fn(|at| number[at] << 1 | if at > 0 { number[at - 1] >> 63 } else { 0 });
    if number[31] >> 63 == 1 { less(&twice, modulus).0 } else { reduced(twice, modulus) }
}

/// The number, or where it is not less than the modulus what is beyond that.
fn reduced(number: Number, modulus: &Number) -> Number {
    let (rest, is_less) = less(&number, modulus);
    if is_less { number } else { rest }
}

/// The difference, and whether there was less than that.
fn less(number: &Number, other: &Number) -> (Number, bool) {
    let mut borrowed = false;
    let rest = std::array::from_fn(|at| {
        let (once, first) = number[at].overflowing_sub(other[at]);
        let (twice, second) = once.overflowing_sub(u64::from(borrowed));
        borrowed = first || second;
        twice
    });
    (rest, borrowed)
}

#[test]
fn a_signature_is_the_one_that_other_programs_make() {
    let signature = "91574fe69d21ac9702adaedba6afb90a4f666e16bad5187215f69ec5b0ebac95cf42f999078b92729ffc0f7d\
        9cd3397a585476281dc5d21d083354857a15ba96a98141c79789046f7c4eceedf6e9f5e0fe2bbb55ac4a2cd3\
        f00acba0c95daa0e77ab52b8358ee56b70436fccea673b51f91ae77adaa3966db642e6d653ff4a60f2ca5942\
        972752b08e20dfa295f7c9c676b8feccd29271dd57d1f191ca5189277a239fef846e700417379175c8e931d6\
        d2f5030fb83e8bb4ebc1b2d7a7be6f0c09fbb6af6c9d704828f8359fe467866240fe4aa456e5bb671871cfb2\
        7653e21010d8257dc4b1efefe4edfd88a7f75e06d3f65f2a7069e6b3ec8ae57d48a46f90";
    assert_eq!(OWN.sign(b"roster"), digits(signature));
}
