#include "store/result_rows.h"

#include <algorithm>
#include <cassert>
#include <charconv>

namespace vestibule::store {
namespace {

template <typename Number>
Number numberAt(const ResultRow& row, std::size_t column) {
  assert(column < row.size() && row[column]);
  const std::string& text = *row[column];
  Number value = 0;
  [[maybe_unused]] const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  assert(read.ec == std::errc() && read.ptr == text.data() + text.size());
  return value;
}

}  // namespace

std::uint64_t unsignedAt(const ResultRow& row, std::size_t column) {
  return numberAt<std::uint64_t>(row, column);
}

std::int64_t signedAt(const ResultRow& row, std::size_t column) {
  return numberAt<std::int64_t>(row, column);
}

ResourceId idAt(const ResultRow& row, std::size_t column) {
  assert(column < row.size() && row[column]);
  const auto id = ResourceId::fromBytes(*row[column]);
  assert(id);
  return id.value_or(ResourceId());
}

std::string takeText(ResultRow& row, std::size_t column) {
  assert(column < row.size() && row[column]);
  return std::move(*row[column]);
}

StoredResource takeResource(ResultRow& row, std::size_t column) {
  StoredResource resource;
  resource.meta.id = idAt(row, column);
  resource.meta.version = Version(unsignedAt(row, column + 1));
  resource.meta.created = signedAt(row, column + 2);
  resource.meta.modified = signedAt(row, column + 3);
  resource.document = takeText(row, column + 4);
  return resource;
}

std::vector<std::uint64_t> numbersOf(const std::vector<ResultRow>& rows) {
  std::vector<std::uint64_t> numbers;
  numbers.reserve(rows.size());
  for (const auto& row : rows) numbers.push_back(unsignedAt(row, 0));
  return numbers;
}

std::string numberList(const std::vector<std::uint64_t>& numbers, std::size_t from,
                       std::size_t count) {
  const std::size_t end = from + std::min(count, numbers.size() - from);
  if (from == end) return "0";
  std::string list;
  list.reserve((end - from) * 8);
  for (std::size_t i = from; i < end; ++i) {
    if (i > from) list += ',';
    list += std::to_string(numbers[i]);
  }
  return list;
}

}  // namespace vestibule::store
