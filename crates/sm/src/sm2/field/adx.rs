//! Field arithmetic with MULX, ADCX and ADOX, which multiply without touching the flags and keep two carry chains going.
#![allow(unsafe_code, reason = "inline assembly; each block says why it is sound")]

use std::{arch::asm, is_x86_feature_detected};

use super::{Fe, Field};

/// Proves that the processor has BMI2 and ADX: only [`Adx::detect`] makes one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Adx(());

impl Adx {
    pub(crate) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("bmi2") && is_x86_feature_detected!("adx")).then_some(Self(()))
    }
}

/// One Montgomery step: the word `$m` becomes the new top word of `$m $a $b $c`. See `portable::step`.
/// `r8`/`r9`-like temporaries `$x`, `$y` are lost; `{n}` holds 32.
macro_rules! step {
    ($m:literal, $a:literal, $b:literal, $c:literal, $x:literal, $y:literal, $n:literal) => {
        concat!(
            "shlx ", $x, ", ", $m, ", ", $n, "\n", "shrx ", $y, ", ", $m, ", ", $n, "\n", "add ", $a, ", ", $m, "\n",
            "adc ", $b, ", 0\n", "adc ", $c, ", 0\n", "adc ", $m, ", 0\n", "sub ", $a, ", ", $x, "\n", "sbb ", $b,
            ", ", $y, "\n", "sbb ", $c, ", ", $x, "\n", "sbb ", $m, ", ", $y, "\n",
        )
    };
}

/// Reduces `r8..r15`, the product, to `r8..r11`. Loses all other registers of the blocks below.
macro_rules! reduce {
    () => {
        concat!(
            "mov ecx, 32\n",
            step!("r8", "r9", "r10", "r11", "rax", "rdx", "rcx"),
            step!("r9", "r10", "r11", "r8", "rax", "rdx", "rcx"),
            step!("r10", "r11", "r8", "r9", "rax", "rdx", "rcx"),
            step!("r11", "r8", "r9", "r10", "rax", "rdx", "rcx"),
            "xor ecx, ecx\n",
            "add r8, r12\n",
            "adc r9, r13\n",
            "adc r10, r14\n",
            "adc r11, r15\n",
            "adc ecx, 0\n",
            below_p!(),
        )
    };
}

/// Subtracts `p` from `rcx r11 r10 r9 r8` unless that is below `p`.
macro_rules! below_p {
    () => {
        "mov rax, 0xffffffff00000000
         mov rdx, 0xfffffffeffffffff
         mov r12, r8
         mov r13, r9
         mov r14, r10
         mov r15, r11
         sub r8, -1
         sbb r9, rax
         sbb r10, -1
         sbb r11, rdx
         sbb rcx, 0
         cmovc r8, r12
         cmovc r9, r13
         cmovc r10, r14
         cmovc r11, r15
        "
    };
}

impl Field for Adx {
    #[inline(always)]
    fn mul(self, a: &Fe, b: &Fe) -> Fe {
        let (w, x, y, z): (u64, u64, u64, u64);
        // SAFETY: `self` proves that the processor has the instructions. The block reads 32 bytes behind each of two references,
        // writes no memory, keeps the stack as it is and names every register that it changes.
        unsafe {
            asm!(
                "mov rdx, [rsi]",
                "mulx r9, r8, [rdi]",
                "mulx r10, rax, [rdi + 8]",
                "add r9, rax",
                "mulx r11, rax, [rdi + 16]",
                "adc r10, rax",
                "mulx r12, rax, [rdi + 24]",
                "mov rdx, [rsi + 8]",
                "adc r11, rax",
                "adc r12, 0",
                // From here on both flags are clear at the start of a row, for no row's top word overflows.
                "xor r15d, r15d",
                "mulx rcx, rax, [rdi]",
                "adcx r9, rax",
                "adox r10, rcx",
                "mulx rcx, rax, [rdi + 8]",
                "adcx r10, rax",
                "adox r11, rcx",
                "mulx rcx, rax, [rdi + 16]",
                "adcx r11, rax",
                "adox r12, rcx",
                "mulx r13, rax, [rdi + 24]",
                "mov rdx, [rsi + 16]",
                "adcx r12, rax",
                "adox r13, r15",
                "adcx r13, r15",
                "mulx rcx, rax, [rdi]",
                "adcx r10, rax",
                "adox r11, rcx",
                "mulx rcx, rax, [rdi + 8]",
                "adcx r11, rax",
                "adox r12, rcx",
                "mulx rcx, rax, [rdi + 16]",
                "adcx r12, rax",
                "adox r13, rcx",
                "mulx r14, rax, [rdi + 24]",
                "mov rdx, [rsi + 24]",
                "adcx r13, rax",
                "adox r14, r15",
                "adcx r14, r15",
                "mulx rcx, rax, [rdi]",
                "adcx r11, rax",
                "adox r12, rcx",
                "mulx rcx, rax, [rdi + 8]",
                "adcx r12, rax",
                "adox r13, rcx",
                "mulx rcx, rax, [rdi + 16]",
                "adcx r13, rax",
                "adox r14, rcx",
                "mulx rcx, rax, [rdi + 24]",
                "adcx r14, rax",
                "adox rcx, r15",
                "adcx r15, rcx",
                reduce!(),
                in("rsi") a.0.as_ptr(),
                in("rdi") b.0.as_ptr(),
                out("r8") w,
                out("r9") x,
                out("r10") y,
                out("r11") z,
                out("rax") _,
                out("rcx") _,
                out("rdx") _,
                out("r12") _,
                out("r13") _,
                out("r14") _,
                out("r15") _,
                options(pure, readonly, nostack),
            );
        }
        Fe([w, x, y, z])
    }

    #[inline(always)]
    fn sqr(self, a: &Fe) -> Fe {
        let (w, x, y, z): (u64, u64, u64, u64);
        // SAFETY: as for `mul`, with one reference.
        unsafe {
            asm!(
                "mov rdx, [rsi]",
                "xor r15d, r15d",
                "mulx r10, r9, [rsi + 8]",
                "mulx r11, rax, [rsi + 16]",
                "adcx r10, rax",
                "mulx r12, rax, [rsi + 24]",
                "mov rdx, [rsi + 8]",
                "adcx r11, rax",
                "adcx r12, r15",
                "mulx rcx, rax, [rsi + 16]",
                "adcx r11, rax",
                "adox r12, rcx",
                "mulx r13, rax, [rsi + 24]",
                "adcx r12, rax",
                "adox r13, r15",
                "adcx r13, r15",
                "mov rdx, [rsi + 16]",
                "mulx r14, rax, [rsi + 24]",
                "adcx r13, rax",
                "adcx r14, r15",
                // Doubling on one chain, the squares on the other.
                "mov rdx, [rsi]",
                "mulx rcx, r8, rdx",
                "adox r9, r9",
                "adcx r9, rcx",
                "mov rdx, [rsi + 8]",
                "mulx rcx, rax, rdx",
                "adox r10, r10",
                "adcx r10, rax",
                "adox r11, r11",
                "adcx r11, rcx",
                "mov rdx, [rsi + 16]",
                "mulx rcx, rax, rdx",
                "adox r12, r12",
                "adcx r12, rax",
                "adox r13, r13",
                "adcx r13, rcx",
                "mov rdx, [rsi + 24]",
                "mulx rcx, rax, rdx",
                "adox r14, r14",
                "adcx r14, rax",
                "adox rcx, r15",
                "adcx r15, rcx",
                reduce!(),
                in("rsi") a.0.as_ptr(),
                out("r8") w,
                out("r9") x,
                out("r10") y,
                out("r11") z,
                out("rax") _,
                out("rcx") _,
                out("rdx") _,
                out("r12") _,
                out("r13") _,
                out("r14") _,
                out("r15") _,
                options(pure, readonly, nostack),
            );
        }
        Fe([w, x, y, z])
    }

    #[inline(always)]
    fn prefetch<T>(self, place: &T) {
        // SAFETY: a prefetch changes nothing, whatever the address.
        unsafe {
            asm!("prefetcht0 [{0}]", in(reg) std::ptr::from_ref(place), options(readonly, nostack, preserves_flags))
        }
    }

    #[inline(always)]
    fn add(self, a: &Fe, b: &Fe) -> Fe {
        let (w, x, y, z): (u64, u64, u64, u64);
        // SAFETY: as for `mul`.
        unsafe {
            asm!(
                "xor ecx, ecx",
                "mov r8, [rsi]",
                "mov r9, [rsi + 8]",
                "mov r10, [rsi + 16]",
                "mov r11, [rsi + 24]",
                "add r8, [rdi]",
                "adc r9, [rdi + 8]",
                "adc r10, [rdi + 16]",
                "adc r11, [rdi + 24]",
                "adc ecx, 0",
                below_p!(),
                in("rsi") a.0.as_ptr(),
                in("rdi") b.0.as_ptr(),
                out("r8") w,
                out("r9") x,
                out("r10") y,
                out("r11") z,
                out("rax") _,
                out("rcx") _,
                out("rdx") _,
                out("r12") _,
                out("r13") _,
                out("r14") _,
                out("r15") _,
                options(pure, readonly, nostack),
            );
        }
        Fe([w, x, y, z])
    }

    #[inline(always)]
    fn sub(self, a: &Fe, b: &Fe) -> Fe {
        let (w, x, y, z): (u64, u64, u64, u64);
        // SAFETY: as for `mul`.
        unsafe {
            asm!(
                "mov r8, [rsi]",
                "mov r9, [rsi + 8]",
                "mov r10, [rsi + 16]",
                "mov r11, [rsi + 24]",
                "sub r8, [rdi]",
                "sbb r9, [rdi + 8]",
                "sbb r10, [rdi + 16]",
                "sbb r11, [rdi + 24]",
                "sbb rax, rax",
                // p, or nothing, from the mask.
                "mov rcx, rax",
                "mov rdx, rax",
                "shl rcx, 32",
                "btr rdx, 32",
                "add r8, rax",
                "adc r9, rcx",
                "adc r10, rax",
                "adc r11, rdx",
                in("rsi") a.0.as_ptr(),
                in("rdi") b.0.as_ptr(),
                out("r8") w,
                out("r9") x,
                out("r10") y,
                out("r11") z,
                out("rax") _,
                out("rcx") _,
                out("rdx") _,
                options(pure, readonly, nostack),
            );
        }
        Fe([w, x, y, z])
    }
}
