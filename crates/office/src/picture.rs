//! Pictures as they are kept: of what kind they are, and without what the camera wrote into them beside the picture.

/// What picture the bytes begin as.
pub(crate) fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\xff\xd8\xff") {
        Some("jpeg")
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("png")
    } else if bytes.len() > 12 && bytes.starts_with(b"RIFF") && &bytes[8..12] == b"WEBP" {
        Some("webp")
    } else {
        None
    }
}

/// The media type of a kind.
pub(crate) fn media_type(kind: &str) -> &'static str {
    match kind {
        "png" => "image/png",
        "webp" => "image/webp",
        _ => "image/jpeg",
    }
}

/// The picture alone: without place, time, device, names and thumbnails that a camera or a program wrote beside it (EXIF,
/// XMP, IPTC, texts, what stands behind its end). Which way is up stays. `None`: the bytes are no whole picture.
///
/// Source: ITU-T T.81 Annex B (JPEG), W3C PNG 5 and 11.3, RFC 9649 (`WebP`), CIPA DC-008 (EXIF).
pub(crate) fn clean(bytes: &[u8]) -> Option<(&'static str, Vec<u8>)> {
    let kind = kind_of(bytes)?;
    let clean = match kind {
        "jpeg" => jpeg(bytes)?,
        "png" => png(bytes)?,
        _ => webp(bytes)?,
    };
    Some((kind, clean))
}

fn jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![0xff, 0xd8];
    let (mut at, mut turned, mut scans) = (2, None, 0);
    let mut body = Vec::new();
    loop {
        let marker = *bytes.get(at..at + 2)?.get(1).filter(|_| bytes[at] == 0xff)?;
        match marker {
            // Fill bytes before a marker.
            0xff => {
                at += 1;
                continue;
            }
            0xd9 => break,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?));
        let segment = bytes.get(at..at + 2 + length.max(2))?;
        at += segment.len();
        match marker {
            // EXIF and XMP; IPTC; comments; what else cameras write. The profile of colours (APP2) and Adobe's (APP14) stay.
            0xe1 => turned = turned.or_else(|| orientation(segment.get(4..)?)),
            0xe3..=0xed | 0xef | 0xfe => {}
            _ => body.extend_from_slice(segment),
        }
        if marker == 0xda {
            scans += 1;
            let from = at;
            while let Some(&[a, b]) = bytes.get(at..at + 2) {
                if a == 0xff && b != 0 && !(0xd0..=0xd7).contains(&b) {
                    break;
                }
                at += 1;
            }
            body.extend_from_slice(bytes.get(from..at)?);
        }
    }
    if scans == 0 {
        return None;
    }
    if let Some(way) = turned.filter(|way| (2..=8).contains(way)) {
        out.extend_from_slice(
            b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01",
        );
        out.extend_from_slice(&[0, way, 0, 0, 0, 0, 0, 0]);
    }
    out.extend_from_slice(&body);
    out.extend_from_slice(b"\xff\xd9");
    Some(out)
}

/// Which way is up, 1 to 8, by the first directory of an EXIF segment.
fn orientation(exif: &[u8]) -> Option<u8> {
    let tiff = exif.strip_prefix(b"Exif\0\0")?;
    let little = tiff.starts_with(b"II");
    let two = |at: usize| {
        let pair: [u8; 2] = tiff.get(at..at + 2)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    };
    let four: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let directory = if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) };
    let directory = usize::try_from(directory).ok()?;
    let entries = usize::from(two(directory)?);
    (0..entries.min(64))
        .map(|n| directory + 2 + 12 * n)
        .find(|at| two(*at) == Some(0x0112))
        .and_then(|at| u8::try_from(two(at + 8)?).ok())
}

fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes.get(..8)?.to_vec();
    let (mut at, mut pixels) = (8, false);
    loop {
        let length = u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?);
        let chunk =
            bytes.get(at..at.checked_add(12)?.checked_add(usize::try_from(length).ok()?)?)?;
        at += chunk.len();
        let name = &chunk[4..8];
        pixels |= name == b"IDAT";
        if !matches!(name, b"eXIf" | b"tEXt" | b"zTXt" | b"iTXt" | b"tIME") {
            out.extend_from_slice(chunk);
        }
        if name == b"IEND" {
            return pixels.then_some(out);
        }
    }
}

fn webp(bytes: &[u8]) -> Option<Vec<u8>> {
    let said = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?);
    let end = usize::try_from(said).ok()?.checked_add(8)?;
    let (mut at, mut pixels) = (12, false);
    let mut body = b"WEBP".to_vec();
    while at < end {
        let length = u32::from_le_bytes(bytes.get(at + 4..at + 8)?.try_into().ok()?);
        let length = usize::try_from(length).ok()?;
        let chunk =
            bytes.get(at..at.checked_add(8)?.checked_add(length)?.checked_add(length % 2)?)?;
        at += chunk.len();
        match &chunk[..4] {
            b"EXIF" | b"XMP " => continue,
            b"VP8X" => {
                let mut head = chunk.to_vec();
                // Flags: it has no EXIF (bit 3) and no XMP (bit 2) any more.
                *head.get_mut(8)? &= !0b1100;
                body.extend_from_slice(&head);
                continue;
            }
            b"VP8 " | b"VP8L" | b"ANMF" => pixels = true,
            _ => {}
        }
        body.extend_from_slice(chunk);
    }
    let mut out = b"RIFF".to_vec();
    out.extend_from_slice(&u32::try_from(body.len()).ok()?.to_le_bytes());
    out.extend_from_slice(&body);
    pixels.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A segment of a JPEG.
    fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len() + 2).unwrap();
        [&[0xff, marker], &length.to_be_bytes()[..], body].concat()
    }

    fn chunk(name: [u8; 4], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap();
        [&length.to_be_bytes()[..], &name, body, &[0; 4]].concat()
    }

    fn holds(bytes: &[u8], word: &[u8]) -> bool {
        bytes.windows(word.len()).any(|w| w == word)
    }

    #[test]
    fn nothing_of_the_camera_is_kept_and_the_picture_is() {
        let exif = b"Exif\0\0II\x2a\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x25\x88\x04\0\x01\0\0\0GPS!\0\0\0\0";
        let made = [
            vec![0xff, 0xd8],
            segment(0xe0, b"JFIF\0"),
            segment(0xe1, exif),
            segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0GPS!"),
            segment(0xfe, b"GPS!"),
            segment(0xda, b"scan"),
            vec![1, 2, 0xff, 0, 3, 0xff, 0xd0, 4],
            segment(0xc4, b"table"),
            segment(0xda, b"scan"),
            vec![5, 6, 0xff, 0xd9],
            b"GPS! behind the end".to_vec(),
        ]
        .concat();
        let (kind, kept) = clean(&made).unwrap();
        assert_eq!(kind, "jpeg");
        assert!(!holds(&kept, b"GPS!") && !holds(&kept, b"behind"));
        assert!(holds(&kept, b"JFIF") && holds(&kept, &[1, 2, 0xff, 0, 3, 0xff, 0xd0, 4]));
        assert!(holds(&kept, &[5, 6, 0xff, 0xd9]));
        let at = kept.windows(4).position(|w| w == b"Exif").unwrap();
        assert_eq!(orientation(&kept[at..]), Some(6), "which way is up stays");
        assert_eq!(clean(&kept).unwrap().1, kept, "again changes nothing");

        let made = [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(*b"IHDR", b"head"),
            chunk(*b"eXIf", b"GPS!"),
            chunk(*b"IDAT", b"pixels"),
            chunk(*b"IEND", b""),
            b"GPS!".to_vec(),
        ]
        .concat();
        let (kind, kept) = clean(&made).unwrap();
        assert!(kind == "png" && !holds(&kept, b"GPS!") && holds(&kept, b"pixels"));

        let parts = [
            &b"WEBPVP8X\x0a\0\0\0\x0c\0\0\0\0\0\0\0\0\0VP8 \x02\0\0\0ab"[..],
            b"EXIF\x04\0\0\0GPS!",
        ]
        .concat();
        let length = u32::try_from(parts.len()).unwrap().to_le_bytes();
        let (kind, kept) = clean(&[b"RIFF", &length[..], &parts].concat()).unwrap();
        assert!(kind == "webp" && !holds(&kept, b"GPS!") && holds(&kept, b"VP8 \x02\0\0\0ab"));
        assert_eq!((kept[4], kept[20]), (u8::try_from(kept.len() - 8).unwrap(), 0));
    }

    #[test]
    fn what_is_cut_off_is_no_picture() {
        for bytes in [
            &b"\xff\xd8\xff\xe0 a picture"[..],
            b"\xff\xd8\xff\xd9",
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\xff\xff\0\0WEBPVP8 ",
            b"GIF89a",
        ] {
            assert_eq!(clean(bytes), None, "{bytes:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(head in 0..3_usize, rest in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let heads: [&[u8]; 3] = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x30\0\0\0WEBPVP8X"];
            let _ = clean(&[heads[head], &rest].concat());
        }
    }
}
