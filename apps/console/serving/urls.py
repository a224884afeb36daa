"""The pages of environments and deployments, each under the name rows know it by."""

from django.urls import path

from apps.console.serving.views import acting, deploying, deployments, environments, radius

_ENVIRONMENT = "environments/<str:name>/"
_DEPLOYMENT = "deployments/<int:pk>/"

deployments_pages = [
    path("deployments/", deployments.deployments, name="list"),
    path(_DEPLOYMENT, deployments.deployment, name="deployment"),
    path(f"{_DEPLOYMENT}part/", deployments.deployment_part, name="deployment_part"),
    path(f"{_DEPLOYMENT}shift/", acting.shift, name="shift"),
    path(f"{_DEPLOYMENT}roll-back/", acting.roll_back, name="roll_back"),
    path(f"{_DEPLOYMENT}withdraw/", acting.withdraw, name="withdraw"),
    path(f"{_DEPLOYMENT}drill/", acting.drill, name="drill"),
    path(
        f"{_DEPLOYMENT}rollouts/<int:number>/by-hand/",
        acting.record_by_hand,
        name="record_by_hand",
    ),
    path("models/<str:name>/deploy/", deploying.deploy, name="deploy"),
    path("environments/", environments.environments, name="environments"),
    path("environments/new/", environments.create, name="create_environment"),  # no one's name
    path(_ENVIRONMENT, environments.environment, name="environment"),
    path(f"{_ENVIRONMENT}edit/", environments.change, name="change_environment"),
    path(f"{_ENVIRONMENT}close/", environments.close, name="close_environment"),
    path("assets/<uuid:uid>/serving/", radius.radius, name="radius"),
]
