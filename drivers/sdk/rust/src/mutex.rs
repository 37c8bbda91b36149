//! State that a lock of the platform protects.

use crate::platform::{lock, unlock};
use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};

/// What is protected, and by which lock.
pub trait Protected {
    /// As the manifest calls the lock, with a NUL at its end.
    const LOCK: &'static str;
}

/// State that only the holder of its lock sees.
///
/// Calls of other processors come in at any call of the platform, also inside another call of the driver: they wait for the lock there,
/// in the schedule of the suite.
pub struct Mutex<T>(UnsafeCell<T>);

// The lock keeps other processors out.
unsafe impl<T: Protected> Sync for Mutex<T> {}

impl<T: Protected> Mutex<T> {
    pub const fn new(state: T) -> Self {
        Mutex(UnsafeCell::new(state))
    }

    /// Takes the lock until the guard is dropped.
    pub fn lock(&self) -> Guard<'_, T> {
        lock(T::LOCK);
        Guard(self)
    }

    /// Sets the state without the lock, as `driver_start` does: the machine of the old one is gone.
    ///
    /// # Safety
    /// No call of the driver is under way but this one.
    pub unsafe fn begin(&self, set: impl FnOnce(&mut T)) {
        set(&mut *self.0.get());
    }
}

/// The lock is held as long as this lives.
pub struct Guard<'a, T: Protected>(&'a Mutex<T>);

impl<T: Protected> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        unsafe { &*self.0 .0.get() }
    }
}

impl<T: Protected> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        unsafe { &mut *self.0 .0.get() }
    }
}

impl<T: Protected> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        unlock(T::LOCK);
    }
}
