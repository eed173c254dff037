//! Packed files, told by their first bytes: gzip and zstd are unpacked on the way, never to disk.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::super::{DatasetError, SourceFile};

/// More bytes, unpacked, than a file that has to be held in memory as a whole may have. A table in memory takes about five
/// times its text; long reports are read row by row and have no such limit.
pub(crate) const MOST_BYTES: u64 = 2 << 30;

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

    /// The unpacked content of bytes in memory.
    #[cfg(test)]
    pub fn unpack_all(self, bytes: &[u8], file: &str) -> Result<Vec<u8>, DatasetError> {
        let mut out = Vec::new();
        let reader = self.unpack(bytes).map_err(|e| self.broken(file, 0, &e))?;
        self.read_whole(reader, &mut out, file, |_| Ok(()))?;
        Ok(out)
    }

    /// Reads unpacked bytes to their end, up to [`MOST_BYTES`]. What is there is shown to `look` after 64 kB and after
    /// 64 MB, so that what can be no table is not unpacked first.
    fn read_whole(
        self,
        mut reader: impl Read,
        out: &mut Vec<u8>,
        file: &str,
        look: impl Fn(&[u8]) -> Result<(), DatasetError>,
    ) -> Result<(), DatasetError> {
        for size in [1 << 16, 1 << 26, MOST_BYTES + 1] {
            let more = size - out.len() as u64;
            reader
                .by_ref()
                .take(more)
                .read_to_end(out)
                .map_err(|e| self.broken(file, out.len() as u64, &e))?;
            look(out)?;
            if (out.len() as u64) < size {
                return Ok(());
            }
        }
        Err(too_large(
            file,
            format!(
                "it has more than {} MB{}",
                MOST_BYTES >> 20,
                if self == Self::Plain { "" } else { " unpacked" }
            ),
        ))
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

/// The fault of a file that would not fit into memory.
pub(crate) fn too_large(file: &str, found: String) -> DatasetError {
    DatasetError::TooLarge {
        file: file.to_string(),
        found,
    }
}

/// The whole content of a file, unpacked, with the size and hash of its stored bytes; `look` may refuse the beginning.
pub(crate) fn read_whole(
    path: &Path,
    name: &str,
    look: impl Fn(&[u8]) -> Result<(), DatasetError>,
) -> Result<(Vec<u8>, SourceFile), DatasetError> {
    let (file, packing) = open(path, name)?;
    let mut stored = Hashed::new(file);
    let mut out = Vec::new();
    let unpacked = packing
        .unpack(&mut stored)
        .map_err(|e| packing.broken(name, 0, &e))?;
    packing.read_whole(unpacked, &mut out, name, look)?;
    Ok((out, stored.finish(name)?))
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
