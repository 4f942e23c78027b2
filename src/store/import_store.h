#pragma once
// How far an import of a file has come: a row for each batch of lines, stored in the transaction
// that stores what is in the lines, so that each line counts once whatever happens in between.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/strong.h"
#include "store/database.h"

namespace vestibule::store {

/// What became of lines.
struct ImportCounts {
  std::uint64_t created = 0;
  std::uint64_t replaced = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t rejected = 0;

  [[nodiscard]] std::uint64_t all() const { return created + replaced + unchanged + rejected; }
  ImportCounts& operator+=(const ImportCounts& other);
  bool operator==(const ImportCounts&) const = default;
};

/// That a batch of lines has been stored.
struct ImportBatchMark {
  std::uint64_t import_seq = 0;
  std::uint8_t pass = 1;    ///< a file may be read more than once
  std::uint64_t batch = 0;  ///< from 0
  ImportCounts counts;
  std::string report;  ///< of the rejected lines, as text
};

/// A new import. The fingerprint, 32 bytes, stands for the file, the options and the domain.
struct NewImport {
  std::string fingerprint;
  DomainNumber domain;
  Timestamp begun = 0;
};

/// The number of the import with this fingerprint. One query.
[[nodiscard]] Result<std::optional<std::uint64_t>> findImport(Session& session,
                                                              const std::string& control_schema,
                                                              const std::string& fingerprint);

/// Stores the import and returns its number. Error kConflict when there is one with this
/// fingerprint. Run it by Database::write.
[[nodiscard]] Result<std::uint64_t> beginImport(Session& session, const std::string& control_schema,
                                                const NewImport& import);

/// Forgets the import and all of its batches, in as many transactions as that takes; whoever is
/// interrupted may do it again. Run it by Database::write.
[[nodiscard]] Result<void> forgetImport(Session& session, const std::string& control_schema,
                                        std::uint64_t seq);

/// Forgets all imports into the domain as forgetImport does: what they stored is not there any
/// more.
[[nodiscard]] Result<void> forgetImportsOfDomain(Session& session,
                                                 const std::string& control_schema,
                                                 DomainNumber domain);

/// Stores that a batch has been dealt with which changed nothing. Error kConflict when that is
/// stored already: somebody else runs the same import. Run it by Database::write.
[[nodiscard]] Result<void> markImportBatch(Session& session, const std::string& control_schema,
                                           const ImportBatchMark& mark);

/// A batch that has been stored.
struct ImportedBatch {
  std::uint64_t batch = 0;
  ImportCounts counts;
};
/// Those of a pass from `from` on, in order, at most `limit`. One query.
[[nodiscard]] Result<std::vector<ImportedBatch>> listImportedBatches(
    Session& session, const std::string& control_schema, std::uint64_t seq, std::uint8_t pass,
    std::uint64_t from, std::uint64_t limit);

/// What a batch says of its rejected lines.
struct ImportReport {
  std::uint64_t batch = 0;
  std::string text;
};
/// As listImportedBatches.
[[nodiscard]] Result<std::vector<ImportReport>> listImportReports(
    Session& session, const std::string& control_schema, std::uint64_t seq, std::uint8_t pass,
    std::uint64_t from, std::uint64_t limit);

}  // namespace vestibule::store
