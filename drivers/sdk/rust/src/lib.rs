//! What a driver in Rust has of iommu-tck: [`abi`] is the whole contract, made from its source, and here is what is nicer to call.
//!
//! A driver is a `no_std` library that defines the functions of the contract, each `#[no_mangle] pub extern "C"`: `driver_manifest`
//! ([`manifest!`] writes it), `driver_start`, `driver_stop`, and the methods of what it implements. What it keeps lies in a [`Mutex`].
//! It is built with `panic = "abort"`.
#![no_std]

pub mod abi;
mod mutex;
mod platform;
mod refusal;

pub use mutex::{Guard, Mutex, Protected};
pub use platform::*;
pub use refusal::*;

/// The address of a text that ends with a NUL, as the contract has texts: `text!("iommu_lock")`.
#[macro_export]
macro_rules! text {
    ($text:expr) => {
        concat!($text, "\0").as_ptr()
    };
}

/// Defines `driver_manifest`, which answers with this JSON text.
#[macro_export]
macro_rules! manifest {
    ($json:expr) => {
        #[no_mangle]
        pub extern "C" fn driver_manifest() -> *const u8 {
            $crate::text!($json)
        }
    };
}

/// Holds functions of a driver against the types that the contract has for them: `check_types!(driver_stop, hyp_init)`.
#[macro_export]
macro_rules! check_types {
    ($($function:ident),+ $(,)?) => {
        $(const _: $crate::abi::exports::$function = $function;)+
    };
}

/// A panic is a crash of the driver.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

/// A panic is a crash of the driver.
#[cfg(not(target_arch = "wasm32"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    extern "C" {
        fn abort() -> !;
    }
    unsafe { abort() }
}
