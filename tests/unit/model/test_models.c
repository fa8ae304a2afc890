#include "entrain/model/model.h"

#include "check.h"
#include "model_conformance.h"
#include "model_promises.h"

static void of_every_model(void (*say)(const ent_model *model)) {
  for (const ent_model *const *model = ent_models; *model; model++) say(*model);
}

#define OF_EVERY_MODEL(sentence)                                                                             \
  static void every_##sentence(void) {                                                                       \
    of_every_model(ent_conform_##sentence);                                                                  \
  }

OF_EVERY_MODEL(table)
OF_EVERY_MODEL(state)
OF_EVERY_MODEL(drift)
OF_EVERY_MODEL(configure)
OF_EVERY_MODEL(time_unit)
OF_EVERY_MODEL(exchangeable)
OF_EVERY_MODEL(causal)
OF_EVERY_MODEL(jacobian)
OF_EVERY_MODEL(equivariant)
OF_EVERY_MODEL(gradient_flow)
OF_EVERY_MODEL(certificate)

static void finds_models(void) {
  CHECK(ent_model_find("attention", 9) != NULL);
  CHECK(ent_model_find("attention", 8) == NULL);
  CHECK(ent_model_find("attentive", 9) == NULL);
  CHECK(ent_model_find("", 0) == NULL);
}

static void systems_come_and_go(void) {
  ent_system *system = NULL;
  const ent_point point = {.n = 5, .d = 3};
  ent_system_destroy(&system);
  CHECK_OK(ent_system_create(ent_model_find("attention", 9), &point, &system));
  CHECK_INT(system->size, 15);
  ent_system_destroy(&system);
  CHECK(system == NULL);
}

static const ent_test tests[] = {
  {"models are found by their whole name", finds_models},
  {"systems are created and destroyed", systems_come_and_go},
  {"every model's table is well formed", every_table},
  {"every model's kind, size and start belong together", every_state},
  {"every model's drift is finite, tangent and repeats its bits", every_drift},
  {"every model gives the same bits after another point", every_configure},
  {"every model with beta scales its drift by the time unit", every_time_unit},
  {"every model that promises it is exchangeable", every_exchangeable},
  {"in every model that promises it nobody looks ahead", every_causal},
  {"every Jacobian agrees with differences of the drift", every_jacobian},
  {"every model that promises it is equivariant", every_equivariant},
  {"every model that promises it ascends its energy", every_gradient_flow},
  {"every certificate comes true", every_certificate},
  {0},
};

ENT_TEST_MAIN("model/models", tests)
