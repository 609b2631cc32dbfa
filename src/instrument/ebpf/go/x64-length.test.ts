import { expect, test } from "vitest";
import { returnSites } from "./return-sites.ts";
import { instructionLength } from "./x64-length.ts";

const instructions = [
  ["ret", "c3"],
  ["ret 8", "c2 08 00"],
  ["nop", "90"],
  ["int3", "cc"],
  ["push rbp", "55"],
  ["push r12", "41 54"],
  ["mov rbp, rsp", "48 89 e5"],
  ["cmp rsp, [r14+16]", "49 3b 66 10"],
  ["lea rax, [rip+0x1234]", "48 8d 05 34 12 00 00"],
  ["lea r12, [rsp-0x108]", "4c 8d a4 24 f8 fe ff ff"],
  ["mov rax, [rsp]", "48 8b 04 24"],
  ["mov rax, [disp32]", "48 8b 04 25 28 00 00 00"],
  ["mov eax, imm32", "b8 01 00 00 00"],
  ["mov ax, imm16", "66 b8 01 00"],
  ["mov rax, imm64", "48 b8 01 02 03 04 05 06 07 08"],
  ["mov al, [moffs]", "a0 01 02 03 04 05 06 07 08"],
  ["mov qword [rax], imm32", "48 c7 00 01 00 00 00"],
  ["test al, imm8", "f6 c0 01"],
  ["not byte [rax]", "f6 10"],
  ["test rax, imm32", "48 f7 c0 01 00 00 00"],
  ["test ax, imm16", "66 f7 c0 01 00"],
  ["div rcx", "48 f7 f1"],
  ["sub rsp, imm8", "48 83 ec 18"],
  ["sub rsp, imm32", "48 81 ec 18 01 00 00"],
  ["imul rax, rcx, imm8", "48 6b c1 0a"],
  ["imul rax, rcx, imm32", "48 69 c1 e8 03 00 00"],
  ["jmp rel8", "eb 05"],
  ["jbe rel32", "0f 86 01 02 00 00"],
  ["call rel32", "e8 01 02 03 00"],
  ["jmp [rax+rcx*8]", "ff 24 c8"],
  ["long nop", "66 0f 1f 84 00 00 00 00 00"],
  ["movups [rsp+0x20], xmm15", "44 0f 11 7c 24 20"],
  ["pxor xmm0, xmm0", "66 0f ef c0"],
  ["pcmpistri imm8", "66 0f 3a 63 c1 0d"],
  ["pshufb", "66 0f 38 00 c1"],
  ["lock cmpxchg [rdx], ecx", "f0 0f b1 0a"],
  ["rep movsq", "f3 48 a5"],
  ["bt rax, imm8", "48 0f ba e0 05"],
  ["bswap eax", "0f c8"],
  ["vzeroupper", "c5 f8 77"],
  ["vpmovmskb eax, ymm0", "c5 fd d7 c0"],
  ["vpbroadcastb ymm1, xmm0", "c4 e2 7d 78 c8"],
  ["vpermq with imm8", "c4 e3 fd 00 c0 4e"],
  ["evex vmovdqu64 [rdi], zmm0", "62 f1 fe 48 7f 07"],
  ["evex vpternlogd with imm8", "62 f3 75 48 25 c2 ff"],
  ["ud2", "0f 0b"],
] as const;

test.each(instructions)("%s", (_, text) => {
  const code = Buffer.from(text.replaceAll(" ", ""), "hex");
  // What follows must not matter.
  expect(instructionLength(Buffer.concat([code, Buffer.alloc(16, 0xc3)]), 0)).toBe(code.length);
});

test.each([
  ["nothing", ""],
  ["push es does not exist in 64-bit code", "06"],
  ["a cut call", "e8 01 02"],
  ["nothing but prefixes", "66 ".repeat(16)],
])("no instruction: %s", (_, text) => {
  expect(instructionLength(Buffer.from(text.replaceAll(" ", ""), "hex"), 0)).toBe(0);
});

test.each([
  // c3 inside of a constant is no return.
  ["x64", "b8 c3 c3 c3 c3 c3 90 48 83 ec 18 c3 cc cc", [5, 11]],
  ["x64", "55 06 c3", undefined],
  ["arm64", "fd 7b bf a9 c0 03 5f d6 1f 20 03 d5 c0 03 5f d6", [4, 12]],
] as const)("returns of %s code %s", (machine, text, sites) => {
  expect(returnSites(Buffer.from(text.replaceAll(" ", ""), "hex"), machine)).toEqual(sites);
});
