/** One instruction of classic BPF, struct sock_filter in linux/filter.h. */
export interface BpfInstruction {
  readonly code: number;
  /** Instructions to skip when the test holds. */
  readonly jt: number;
  /** … and when it does not. */
  readonly jf: number;
  readonly k: number;
}

const LD_W_ABS = 0x20;
const JMP_JEQ_K = 0x15;
const JMP_JGE_K = 0x35;
const JMP_JSET_K = 0x45;
const RET_K = 0x06;

export const loadWord = (offset: number): BpfInstruction => ({ code: LD_W_ABS, jt: 0, jf: 0, k: offset });
export const ret = (value: number): BpfInstruction => ({ code: RET_K, jt: 0, jf: 0, k: value });

/** The block runs when the accumulator equals the value; else it is skipped. */
export const whenEqual = (value: number, block: readonly BpfInstruction[]): BpfInstruction[] =>
  guarded(JMP_JEQ_K, value, 'holds', block);
export const whenNotEqual = (value: number, block: readonly BpfInstruction[]): BpfInstruction[] =>
  guarded(JMP_JEQ_K, value, 'fails', block);
export const whenAtLeast = (value: number, block: readonly BpfInstruction[]): BpfInstruction[] =>
  guarded(JMP_JGE_K, value, 'holds', block);
export const whenAnyBit = (mask: number, block: readonly BpfInstruction[]): BpfInstruction[] =>
  guarded(JMP_JSET_K, mask, 'holds', block);

function guarded(code: number, k: number, run: 'holds' | 'fails', block: readonly BpfInstruction[]): BpfInstruction[] {
  // A jump is one byte.
  if (block.length > 255) throw new RangeError('the block is too long for a BPF jump');
  const skip = block.length;
  return [{ code, jt: run === 'holds' ? 0 : skip, jf: run === 'holds' ? skip : 0, k }, ...block];
}

/** The program as the kernel reads it: 8 bytes an instruction, little endian as both machines we know are. */
export function assemble(program: readonly BpfInstruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, instruction] of program.entries()) {
    view.setUint16(index * 8, instruction.code, true);
    view.setUint8(index * 8 + 2, instruction.jt);
    view.setUint8(index * 8 + 3, instruction.jf);
    view.setUint32(index * 8 + 4, instruction.k, true);
  }
  return bytes;
}
