//! Answers: a value, or a refusal by its Linux number.

use crate::abi;

/// Why a call is refused; one of the numbers of [`abi`], positive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Errno(pub i32);

macro_rules! errnos {
    ($($name:ident),+ $(,)?) => {
        $(pub const $name: Errno = Errno(abi::$name);)+
    };
}

errnos!(
    EPERM,
    ENOENT,
    EIO,
    ENXIO,
    E2BIG,
    EAGAIN,
    ENOMEM,
    EACCES,
    EFAULT,
    EBUSY,
    EEXIST,
    ENODEV,
    EINVAL,
    ENOTTY,
    ENOSPC,
    ESPIPE,
    ERANGE,
    EOVERFLOW,
    EMSGSIZE,
    EOPNOTSUPP,
    EADDRINUSE,
    ETIMEDOUT,
    ENOIOCTLCMD,
);

/// What a function of the platform answered.
pub fn result(answer: i32) -> Result<(), Errno> {
    if answer == 0 {
        Ok(())
    } else {
        Err(Errno(-answer))
    }
}

/// What a function of the driver answers with: 0, or an errno below 0.
pub fn answer(result: Result<(), Errno>) -> i32 {
    match result {
        Ok(()) => 0,
        Err(Errno(errno)) => -errno,
    }
}

/// As [`answer`], and puts the value at the address that the caller gave for it.
///
/// # Safety
/// `value` is that address.
pub unsafe fn answer_with<T>(result: Result<T, Errno>, value: *mut T) -> i32 {
    answer(result.map(|given| value.write(given)))
}
