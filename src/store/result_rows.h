#pragma once
// Columns of StatementBatch rows as typed values. The types and NOT NULL of our own tables are
// taken for granted: an assertion fails where they do not hold. Private to store/.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/resource_id.h"
#include "scim/resource/render.h"
#include "store/user_store.h"

namespace vestibule::store {

using ResultRow = std::vector<std::optional<std::string>>;

[[nodiscard]] std::uint64_t unsignedAt(const ResultRow& row, std::size_t column);
[[nodiscard]] std::int64_t signedAt(const ResultRow& row, std::size_t column);
[[nodiscard]] ResourceId idAt(const ResultRow& row, std::size_t column);
/// Moves the text out of the row.
[[nodiscard]] std::string takeText(ResultRow& row, std::size_t column);
/// Reads id, version, created, modified and document from `column` on; moves the document out.
[[nodiscard]] StoredResource takeResource(ResultRow& row, std::size_t column);
/// The first column of every row as numbers.
[[nodiscard]] std::vector<std::uint64_t> numbersOf(const std::vector<ResultRow>& rows);
/// Numbers as SQL text: `1,2,3`. Empty gives `0`, which is no row's number.
[[nodiscard]] std::string numberList(const std::vector<std::uint64_t>& numbers,
                                     std::size_t from = 0, std::size_t count = SIZE_MAX);

}  // namespace vestibule::store
