from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("validation", "0005_evidence")]

    operations = []
