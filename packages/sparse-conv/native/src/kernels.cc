// The table of one instruction set. The build compiles this file once for each, with its flags and STINT_ISA = its name.
#include "kernels.h"

#include "rows.h"
#include "tile.h"

#define STINT_TEXT(name) #name
#define STINT_NAME(name) STINT_TEXT(name)

namespace stint {
namespace STINT_ISA {

/** tile<1,V> .. tile<R,V>. */
template <int R, int V>
static void listTiles(Kernels& table) {
  table.tile[V - 1][R - 1] = tile<R, V>;
  if constexpr (R > 1) listTiles<R - 1, V>(table);
}

static Kernels makeTable() {
  Kernels table = {};
  table.isa = STINT_NAME(STINT_ISA);
  table.width = W;
  table.tileRows = TILE_ROWS;
  listTiles<TILE_ROWS, 1>(table);
  listTiles<TILE_ROWS, 2>(table);
  table.dots[0] = dots<1>;
  table.dots[1] = dots<2>;
  table.dots[2] = dots<3>;
  table.blend = blend;
  table.maximum = maximum;
  table.uniform = uniform;
  return table;
}

const Kernels& kernels() {
  static const Kernels table = makeTable();
  return table;
}

static_assert(TILE_ROWS <= MAX_TILE_ROWS, "tile table too small");

}  // namespace STINT_ISA
}  // namespace stint
