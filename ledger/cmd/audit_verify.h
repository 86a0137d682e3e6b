// `ladon-audit verify` and `witness`. Threading: one thread.
#ifndef LADON_LEDGER_CMD_AUDIT_VERIFY_H_
#define LADON_LEDGER_CMD_AUDIT_VERIFY_H_

#include <string>

namespace ladon::audit {

struct VerifyOptions {
  std::string file;   // A checkpoint, a .tlog-proof, or a consistency proof; told by its content.
                      // A folder: the whole log as tiles.
  std::string keys;   // Verifier keys, one a line.
  std::string entry;  // Of a receipt; empty: beside the proof.
  std::string old;    // The earlier checkpoint of a consistency proof.
};

// Prints what is proved. Exit code.
int Verify(const VerifyOptions& options);

struct WitnessOptions {
  std::string file;   // What C2SP tlog-witness sends: "old <size>", proof, checkpoint.
  std::string keys;   // Of the log.
  std::string state;  // The checkpoint that this witness saw last; made at the first one.
  std::string seed;   // A file with the witness's private key: 64 hex digits.
  std::string name;   // Its name.
};

// Checks that the log only grew since the last time, remembers the checkpoint, and prints the
// cosignature line. Exit code.
int Witness(const WitnessOptions& options);

}  // namespace ladon::audit

#endif  // LADON_LEDGER_CMD_AUDIT_VERIFY_H_
