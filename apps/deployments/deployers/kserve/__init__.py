"""Brings orders about as InferenceServices of KServe (v1beta1), over the Kubernetes API.

Each service is one InferenceService in serverless mode, since only that mode splits requests. It
bears the number of its order as an annotation and is written against the ``resourceVersion`` that
was read with it, so that an older order loses, whoever comes late. Withdrawn, it is stopped rather
than deleted: what is gone could not tell a late order that it is late. Stopping needs KServe 0.16.

KServe splits requests between what is rolled out to all and one newer version: that is all a
canary can be here. There are no shadows.

Tested against a server of the tests that does as the API server and the controllers of KServe 0.16
are documented to do (``tests/deployments/cluster.py``), never against a cluster.
"""

from apps.deployments.deployers.kserve.deployer import DEPLOYER

__all__ = ["DEPLOYER"]
