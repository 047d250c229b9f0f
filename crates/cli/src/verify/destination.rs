//! Where results go: standard output, or a file that appears under its name when it is complete.
//!
//! Until then it is called `NAME.partial`, so that nobody takes a part for the whole, and an earlier result stays.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const BUFFER: usize = 256 << 10;

/// Where results go.
pub struct Destination {
    out: BufWriter<Out>,
    length: u64,
    /// The file as it is called now, and at the end.
    names: Option<(PathBuf, PathBuf)>,
}

enum Out {
    Standard(io::Stdout),
    File(File),
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard(out) => out.write(bytes),
            Self::File(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(out) => out.flush(),
            Self::File(out) => out.flush(),
        }
    }
}

/// What the file is called until it is complete.
pub fn partial(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".partial");
    name.into()
}

impl Destination {
    /// Standard output.
    pub fn standard() -> Self {
        Self::new(Out::Standard(io::stdout()), 0, None)
    }

    /// A new file; something that is no regular file, such as a pipe, is written as it is.
    pub fn file(path: &Path) -> io::Result<Self> {
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            let out = OpenOptions::new().write(true).open(path)?;
            return Ok(Self::new(Out::File(out), 0, None));
        }
        let partial = partial(path);
        let out = File::create(&partial)?;
        Ok(Self::new(Out::File(out), 0, Some((partial, path.to_owned()))))
    }

    /// The file of an earlier run, cut to the length that is known to be whole.
    pub fn resumed(path: &Path, length: u64) -> io::Result<Self> {
        let partial = partial(path);
        let mut out = OpenOptions::new().write(true).open(&partial)?;
        if out.metadata()?.len() < length {
            return Err(io::Error::other("it is shorter than the checkpoint says"));
        }
        out.set_len(length)?;
        out.seek(SeekFrom::End(0))?;
        Ok(Self::new(Out::File(out), length, Some((partial, path.to_owned()))))
    }

    fn new(out: Out, length: u64, names: Option<(PathBuf, PathBuf)>) -> Self {
        Self {
            out: BufWriter::with_capacity(BUFFER, out),
            length,
            names,
        }
    }

    /// Bytes written, an earlier run's included.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Makes what is written durable and says how long it is.
    pub fn settle(&mut self) -> io::Result<u64> {
        self.out.flush()?;
        if let Out::File(file) = self.out.get_ref() {
            file.sync_data()?;
        }
        Ok(self.length)
    }

    /// Ends it; a complete file gets its name.
    pub fn finish(mut self, complete: bool) -> io::Result<()> {
        self.out.flush()?;
        if let Some((partial, path)) = self.names.take()
            && complete
        {
            if let Out::File(file) = self.out.get_ref() {
                file.sync_all()?;
            }
            fs::rename(partial, path)?;
        }
        Ok(())
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.length += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
