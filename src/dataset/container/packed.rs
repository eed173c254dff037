//! Packed files, told by their first bytes: gzip and zstd are unpacked on the way, never to disk.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::super::{DatasetError, SourceFile};

/// How the bytes of a file are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Not at all.
    Plain,
    /// gzip, several members allowed.
    Gzip,
    /// zstd, several frames allowed.
    Zstd,
}

impl Packing {
    /// Told by the first bytes.
    pub fn of(start: &[u8]) -> Self {
        if start.starts_with(b"\x1f\x8b") {
            Self::Gzip
        } else if start.starts_with(b"\x28\xb5\x2f\xfd") {
            Self::Zstd
        } else {
            Self::Plain
        }
    }

    /// The unpacked bytes of a reader.
    pub fn unpack<'a>(self, packed: impl Read + 'a) -> std::io::Result<Box<dyn Read + 'a>> {
        Ok(match self {
            Self::Plain => Box::new(packed),
            Self::Gzip => Box::new(flate2::read::MultiGzDecoder::new(packed)),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::new(packed)?),
        })
    }

    /// The unpacked content of a whole file.
    pub fn unpack_all(self, bytes: &[u8], file: &str) -> Result<Vec<u8>, DatasetError> {
        let mut out = Vec::new();
        let unpacked = self
            .unpack(bytes)
            .and_then(|mut reader| reader.read_to_end(&mut out));
        match unpacked {
            Ok(_) => Ok(out),
            Err(e) => Err(self.broken(file, out.len() as u64, &e)),
        }
    }

    /// The fault of a packed file that cannot be unpacked to its end.
    pub fn broken(self, file: &str, unpacked: u64, cause: &std::io::Error) -> DatasetError {
        match self {
            Self::Plain => unreadable(file, cause),
            _ => DatasetError::Truncated {
                file: file.to_string(),
                detail: format!(
                    "the {} stream stops after {unpacked} unpacked bytes ({cause})",
                    if self == Self::Gzip { "gzip" } else { "zstd" }
                ),
            },
        }
    }
}

/// What the operating system said of a file.
pub(crate) fn unreadable(file: &str, cause: &std::io::Error) -> DatasetError {
    DatasetError::Unreadable {
        file: file.to_string(),
        cause: cause.to_string(),
    }
}

/// Opens a file and tells its packing.
pub(crate) fn open(path: &Path, name: &str) -> Result<(File, Packing), DatasetError> {
    let mut start = [0u8; 4];
    let file = File::open(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => DatasetError::Missing {
            path: path.display().to_string(),
        },
        _ => unreadable(name, &e),
    })?;
    let mut filled = 0;
    let mut reader = &file;
    while filled < start.len() {
        match reader.read(&mut start[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) => return Err(unreadable(name, &e)),
        }
    }
    let packing = Packing::of(&start[..filled]);
    let file = File::open(path).map_err(|e| unreadable(name, &e))?;
    Ok((file, packing))
}

/// A file read from start to end while its stored bytes are hashed and counted.
pub(crate) struct Hashed {
    reader: BufReader<File>,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Hashed {
    /// Starts at the beginning of the file.
    pub fn new(file: File) -> Self {
        Self {
            reader: BufReader::with_capacity(1 << 18, file),
            hasher: blake3::Hasher::new(),
            bytes: 0,
        }
    }

    /// Reads what is left and gives size and hash of the whole file.
    pub fn finish(mut self, name: &str) -> Result<SourceFile, DatasetError> {
        std::io::copy(&mut self, &mut std::io::sink()).map_err(|e| unreadable(name, &e))?;
        Ok(SourceFile {
            name: name.to_string(),
            read_as: String::new(),
            bytes: self.bytes,
            hash: self.hasher.finalize().to_hex().to_string(),
        })
    }
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.reader.read(buffer)?;
        self.hasher.update(&buffer[..n]);
        self.bytes += n as u64;
        Ok(n)
    }
}
