#include "store_impl.h"

static int enum_type(const char *const *labels, hid_t *type) {
  int code = ENT_OK;
  hid_t made = 0;
  ENT_GOTO_H5(made = H5Tenum_create(H5T_NATIVE_INT32));
  for (int32_t value = 0; labels[value]; value++) ENT_GOTO_H5(H5Tenum_insert(made, labels[value], &value));
  *type = made;
  made = 0;
done:
  ent_h5_close(&made);
  return code;
}

/* [out] type  owned by the caller. */
static int column_type(const ent_column *column, hid_t *type) {
  switch (column->type) {
    case ENT_TYPE_F8: *type = H5Tcopy(H5T_NATIVE_DOUBLE); break;
    case ENT_TYPE_I4: *type = H5Tcopy(H5T_NATIVE_INT32); break;
    case ENT_TYPE_I8: *type = H5Tcopy(H5T_NATIVE_INT64); break;
    case ENT_TYPE_U4: *type = H5Tcopy(H5T_NATIVE_UINT32); break;
    case ENT_TYPE_ENUM: ENT_TRY(enum_type(column->labels, type)); break;
  }
  ENT_TRY_H5(*type);
  return ENT_OK;
}

int ent_row_type(const ent_layout *layout, hid_t *type) {
  int code = ENT_OK;
  hid_t made = 0, field = 0;
  ENT_GOTO_H5(made = H5Tcreate(H5T_COMPOUND, layout->size));
  for (size_t i = 0; i < layout->n_columns; i++) {
    const ent_column *column = &layout->columns[i];
    ENT_GOTO(column_type(column, &field));
    ENT_GOTO_H5(H5Tinsert(made, column->name, column->offset, field));
    ent_h5_close(&field);
  }
  *type = made;
  made = 0;
done:
  ent_h5_close(&field);
  ent_h5_close(&made);
  return code;
}
