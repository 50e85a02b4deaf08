/* Everything that differs between processors: entering the kernel, and a few lines of assembly. */
#ifndef VT_ARCH_H
#define VT_ARCH_H

#include <asm/unistd.h>
#include <linux/audit.h>
#include <stdint.h>

/* One page of code at the same address in every traced process, holding nothing but "enter the
 * kernel, return". The filter lets calls from there pass: the preload library reports those itself.
 * The address is clear of where programs, their heaps, sanitizers and Go place things. */
#define VT_GATE_ADDRESS UINT64_C(0x2a5500000000)

#if defined(__x86_64__)

#define VT_AUDIT_ARCH AUDIT_ARCH_X86_64
#define VT_ELF_MACHINE 62
#define VT_RELATIVE 8 /* R_X86_64_RELATIVE */
#define VT_GATE_BYTES UINT64_C(4096)

#define VT_GATE_CODE ".balign 4096\n vt_gate_page: syscall\n ret\n .balign 4096\n"

static inline long vt_enter(uintptr_t gate, long number, const long a[6]) {
  long result;
  register long r10 __asm__("r10") = a[3];
  register long r8 __asm__("r8") = a[4];
  register long r9 __asm__("r9") = a[5];
  if (gate != 0)
    __asm__ volatile("call *%[gate]"
                     : "=a"(result)
                     : "0"(number), [gate] "b"(gate), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10),
                       "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
  else
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
  return result;
}

/* Where the kernel starts the file when it is run as a program. */
#define VT_ENTRY_CODE "xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call vt_main\n hlt\n"

/*
 * A function that reports its call and then *jumps* to the real one, as if it had never been there:
 * dlopen looks at its caller's address, and a vfork through syscall() returns twice into one frame.
 * `reporter` gets the arguments and returns the address to go on with.
 */
#define VT_JUMP(name, reporter)                                                                    \
  __asm__(".pushsection .text\n .globl " #name "\n .type " #name ", @function\n" #name ":\n"        \
          "push %rdi\n push %rsi\n push %rdx\n push %rcx\n push %r8\n push %r9\n push %rax\n"       \
          "call " #reporter "\n mov %rax, %r11\n"                                                   \
          "pop %rax\n pop %r9\n pop %r8\n pop %rcx\n pop %rdx\n pop %rsi\n pop %rdi\n"              \
          "jmp *%r11\n .size " #name ", . - " #name "\n .popsection")

/* Runs `function(argument)` in a new process that borrows this one's memory, and waits until it has
 * exec'd or ended. Returns its pid or a negative errno. Its end sends no signal. */
static inline long vt_clone_call(int (*function)(void *), void *argument, void *stack_top) {
  long result;
  register void *r12 __asm__("r12") = (void *)(uintptr_t)function;
  register void *r13 __asm__("r13") = argument;
  register long r10 __asm__("r10") = 0;
  register long r8 __asm__("r8") = 0;
  __asm__ volatile("syscall\n test %%rax, %%rax\n jnz 1f\n"
                   "xor %%ebp, %%ebp\n mov %%r13, %%rdi\n call *%%r12\n"
                   "mov %%eax, %%edi\n mov %[exit], %%eax\n syscall\n hlt\n 1:"
                   : "=a"(result)
                   : "0"(__NR_clone), "D"(0x4100L /* CLONE_VM | CLONE_VFORK */), "S"(stack_top), "d"(0L),
                     "r"(r10), "r"(r8), "r"(r12), "r"(r13), [exit] "i"(__NR_exit_group)
                   : "rcx", "r11", "memory");
  return result;
}

#elif defined(__aarch64__)

#define VT_AUDIT_ARCH AUDIT_ARCH_AARCH64
#define VT_ELF_MACHINE 183
#define VT_RELATIVE 1027 /* R_AARCH64_RELATIVE */
#define VT_GATE_BYTES UINT64_C(65536)

#define VT_GATE_CODE ".balign 65536\n vt_gate_page: svc #0\n ret\n .balign 65536\n"

static inline long vt_enter(uintptr_t gate, long number, const long a[6]) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a[0];
  register long x1 __asm__("x1") = a[1];
  register long x2 __asm__("x2") = a[2];
  register long x3 __asm__("x3") = a[3];
  register long x4 __asm__("x4") = a[4];
  register long x5 __asm__("x5") = a[5];
  if (gate != 0)
    __asm__ volatile("blr %[gate]"
                     : "+r"(x0)
                     : [gate] "r"(gate), "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "x30", "memory");
  else
    __asm__ volatile("svc #0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
  return x0;
}

#define VT_ENTRY_CODE "mov x29, #0\n mov x0, sp\n and sp, x0, #-16\n bl vt_main\n brk #1\n"

#define VT_JUMP(name, reporter)                                                                    \
  __asm__(".pushsection .text\n .globl " #name "\n .type " #name ", @function\n" #name ":\n"        \
          "stp x0, x1, [sp, #-80]!\n stp x2, x3, [sp, #16]\n stp x4, x5, [sp, #32]\n"               \
          "stp x6, x7, [sp, #48]\n stp x8, x30, [sp, #64]\n"                                        \
          "bl " #reporter "\n mov x16, x0\n"                                                        \
          "ldp x2, x3, [sp, #16]\n ldp x4, x5, [sp, #32]\n ldp x6, x7, [sp, #48]\n"                 \
          "ldp x8, x30, [sp, #64]\n ldp x0, x1, [sp], #80\n"                                        \
          "br x16\n .size " #name ", . - " #name "\n .popsection")

static inline long vt_clone_call(int (*function)(void *), void *argument, void *stack_top) {
  register long x8 __asm__("x8") = __NR_clone;
  register long x0 __asm__("x0") = 0x4100L; /* CLONE_VM | CLONE_VFORK */
  register void *x1 __asm__("x1") = stack_top;
  register long x2 __asm__("x2") = 0;
  register long x3 __asm__("x3") = 0;
  register long x4 __asm__("x4") = 0;
  register void *x9 __asm__("x9") = (void *)(uintptr_t)function;
  register void *x10 __asm__("x10") = argument;
  __asm__ volatile("svc #0\n cbnz x0, 1f\n"
                   "mov x29, #0\n mov x0, x10\n blr x9\n mov x8, %[exit]\n svc #0\n brk #1\n 1:"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x9), "r"(x10),
                     [exit] "i"(__NR_exit_group)
                   : "x30", "memory");
  return x0;
}

#else
#error "native/arch.h has no entry for this processor"
#endif

#endif
