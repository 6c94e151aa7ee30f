// An item, and where items are kept: an interface, so that handlers are tested without a database.
#pragma once

#include "common/result.hpp"

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace baton::items {

struct Item {
  std::int64_t id = 0;
  std::string name;
  std::string created_at;  // RFC 3339, UTC, milliseconds: 2026-11-23T13:00:01.123Z
};

struct ItemPage {
  std::vector<Item> items;  // by id
  std::int64_t total = 0;   // of all items
};

// Safe to call from several threads at once; calls block. A call whose token is stopped returns
// Errc::closed as soon as it can, a statement that runs is interrupted. Errc::busy: another process
// holds the database for longer than the busy timeout. Errc::system: the disk or the file.
class ItemRepository {
 public:
  virtual ~ItemRepository() = default;

  // `page` counts from 1; beyond the last page there are no items.
  virtual Result<ItemPage> list(std::int64_t page, std::int64_t per_page,
                                std::stop_token cancelled) = 0;

  // The item is durable when this returns: it survives the death of any process.
  virtual Result<Item> create(std::string_view name, std::stop_token cancelled) = 0;

  // Whether the database answers.
  virtual Result<void> check(std::stop_token cancelled) = 0;
};

}  // namespace baton::items
