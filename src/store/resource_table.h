#pragma once
// Which table holds the resources of a kind, and what its columns and indexes are called. Columns
// that all of them have under one name (seq, id, external_id_key, version, created, modified,
// document) are not listed. Private to store/.

#include <string_view>

#include "base/resource_id.h"

namespace vestibule::store {

/// A table of resources. Every text is a constant.
struct ResourceTable {
  std::string_view name;
  /// True when it holds several kinds: the column `kind` leads its keys and has to be compared in
  /// every statement.
  bool shared = false;
  std::string_view attributes;  ///< the table of index entries
  std::string_view owner;       ///< the column of `attributes` that holds the row number
  /// The unique index over values of unique attributes; empty where the kind can have none.
  std::string_view unique_value_index;
  std::string_view name_column;    ///< the key of the naming attribute
  std::string_view name_column_2;  ///< what tells equal names apart; empty where nothing does
  std::string_view id_index;
  std::string_view name_index;
  std::string_view external_id_index;
  std::string_view created_index;
  std::string_view modified_index;
};

/// The table of the kind.
[[nodiscard]] const ResourceTable& tableOf(ResourceKind kind);

}  // namespace vestibule::store
