//! OpenSSL's own library, found at run time: without it its rows are not run, and no headers are needed to build.

use std::ffi::{c_char, c_int, c_long, c_uchar, c_uint, c_void};
use std::ptr;
use std::sync::Arc;

use libloading::{Library, Symbol};

use crate::Fault;
use crate::ours::{LENGTHS, messages};
use crate::row::{Row, Work};
use crate::vectors::{Signed, Vectors, bad};

const PEER: &str = "OpenSSL";
/// SubjectPublicKeyInfo up to the point: id-ecPublicKey on the curve 1.2.156.10197.1.301, a bit string of 66 bytes.
const SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf,
    0x55, 0x01, 0x82, 0x2d, 0x03, 0x42, 0x00,
];

type ReadKey = unsafe extern "C" fn(*mut *mut c_void, *mut *const c_uchar, c_long) -> *mut c_void;
type NewContext = unsafe extern "C" fn(*mut c_void, *mut c_void) -> *mut c_void;
type Begin = unsafe extern "C" fn(*mut c_void) -> c_int;
type Verify = unsafe extern "C" fn(*mut c_void, *const c_uchar, usize, *const c_uchar, usize) -> c_int;
type Fetch = unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char) -> *mut c_void;
type NewDigest = unsafe extern "C" fn() -> *mut c_void;
type StartDigest = unsafe extern "C" fn(*mut c_void, *const c_void, *const c_void) -> c_int;
type Update = unsafe extern "C" fn(*mut c_void, *const c_void, usize) -> c_int;
type Finish = unsafe extern "C" fn(*mut c_void, *mut c_uchar, *mut c_uint) -> c_int;

pub fn rows(vectors: &Vectors) -> Result<Vec<Row>, Fault> {
    let good = vectors.set("eight");
    let mut rows = vec![Row::new("sm2 verify", PEER, move || verify(&open()?, &good))];
    for (algorithm, name) in [("sm3", c"SM3"), ("sha256", c"SHA256")] {
        for (label, length) in LENGTHS {
            rows.push(Row::new(&format!("{algorithm} one stream, {label}"), PEER, move || {
                hash(&open()?, name, length)
            }));
        }
    }
    Ok(rows)
}

fn open() -> Result<Arc<Library>, Fault> {
    // SAFETY: the system's libcrypto; its initialisers are meant to be run by whoever loads it.
    let library = unsafe { Library::new("libcrypto.so.3") }.map_err(|_| "no libcrypto.so.3 on this system")?;
    Ok(Arc::new(library))
}

/// Finds a function and copies its address; the library stays loaded as long as the row, which keeps it.
fn find<T: Copy>(library: &Library, name: &str) -> Result<T, Fault> {
    // SAFETY: each type above is the prototype in OpenSSL 3's manual page of the function it is used for.
    let symbol: Symbol<'_, T> = unsafe { library.get(name.as_bytes()) }?;
    Ok(*symbol)
}

/// A context that is prepared once for a key and then asked as often as one likes.
fn context(library: &Library, signed: &Signed) -> Result<*mut c_void, Fault> {
    let read: ReadKey = find(library, "d2i_PUBKEY")?;
    let new: NewContext = find(library, "EVP_PKEY_CTX_new")?;
    let begin: Begin = find(library, "EVP_PKEY_verify_init")?;
    let der = [&SPKI[..], &signed.key].concat();
    let mut at = der.as_ptr();
    // SAFETY: `at` points at `der`, which is that long; the pointers that come back are checked before they are used.
    unsafe {
        let key = read(ptr::null_mut(), &mut at, c_long::try_from(der.len())?);
        if key.is_null() {
            return Err("it cannot read an SM2 key".into());
        }
        let context = new(key, ptr::null_mut());
        if context.is_null() || begin(context) != 1 {
            return Err("it knows no SM2 verification".into());
        }
        Ok(context)
    }
}

fn verify(library: &Arc<Library>, good: &[Signed]) -> Result<Work, Fault> {
    let function: Verify = find(library, "EVP_PKEY_verify")?;
    let mut contexts: Vec<(Vec<u8>, *mut c_void)> = Vec::new();
    for signed in good {
        if !contexts.iter().any(|(key, _)| *key == signed.key) {
            contexts.push((signed.key.clone(), context(library, signed)?));
        }
    }
    let ready = |signed: &[Signed]| -> Vec<(*mut c_void, [u8; 32], Vec<u8>)> {
        let context = |one: &Signed| {
            contexts
                .iter()
                .find(|(key, _)| *key == one.key)
                .map(|(_, context)| *context)
        };
        signed
            .iter()
            .filter_map(|one| Some((context(one)?, one.e, one.der.clone())))
            .collect()
    };
    let (right, wrong) = (ready(good), ready(&bad(good)));
    let held = Arc::clone(library);
    // SAFETY: a live context, and two slices with their lengths.
    let ask = move |(context, e, der): &(*mut c_void, [u8; 32], Vec<u8>)| unsafe {
        let _library = &held;
        function(*context, der.as_ptr(), der.len(), e.as_ptr(), e.len()) == 1
    };
    let again = ask.clone();
    let mut next = 0;
    let run = move || {
        next = (next + 1) % right.len();
        ask(&right[next])
    };
    Ok(Work::new(1.0, run).refusing(move || wrong.iter().all(|one| !again(one))))
}

fn hash(library: &Arc<Library>, name: &std::ffi::CStr, length: usize) -> Result<Work, Fault> {
    let fetch: Fetch = find(library, "EVP_MD_fetch")?;
    let new: NewDigest = find(library, "EVP_MD_CTX_new")?;
    let start: StartDigest = find(library, "EVP_DigestInit_ex2")?;
    let update: Update = find(library, "EVP_DigestUpdate")?;
    let finish: Finish = find(library, "EVP_DigestFinal_ex")?;
    // SAFETY: a name that ends in zero, and no library context or properties, as the manual allows.
    let (algorithm, context) = unsafe { (fetch(ptr::null_mut(), name.as_ptr(), ptr::null()), new()) };
    if algorithm.is_null() || context.is_null() {
        return Err("it does not know this digest".into());
    }
    let message = messages(&[length]);
    let held = Arc::clone(library);
    let run = move || {
        let _library = &held;
        let mut digest = [0u8; 64];
        let mut written = 0;
        // SAFETY: live pointers from above, a slice with its length, and room for EVP_MAX_MD_SIZE bytes.
        unsafe {
            start(context, algorithm, ptr::null()) == 1
                && update(context, message[0].as_ptr().cast(), length) == 1
                && finish(context, digest.as_mut_ptr(), &mut written) == 1
        }
    };
    Ok(Work::new(length as f64, run))
}
